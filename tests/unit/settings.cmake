heloguard_test(settings_test LABEL unit
  SOURCES core/settings_test.cc toml/settings_reader_test.cc engine/policy_store_test.cc engine/session_id_test.cc
  LIBS heloguard_toml heloguard_engine)
