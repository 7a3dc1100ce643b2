heloguard_test(spf_test LABEL unit
  SOURCES core/spf_record_test.cc core/spf_macro_test.cc core/spf_test.cc core/spf_limits_test.cc
    core/spf_property_test.cc core/spf_fact_test.cc
  LIBS heloguard_core)
