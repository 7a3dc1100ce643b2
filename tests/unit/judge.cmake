heloguard_test(judge_test LABEL unit
  SOURCES core/rdns_test.cc core/lookup_test.cc core/forward_dns_test.cc core/evaluate_test.cc
    core/diagnosis_test.cc core/diagnosis_helo_test.cc core/diagnosis_property_test.cc
  LIBS heloguard_toml heloguard_engine)
