heloguard_test(cases_test LABEL unit
  SOURCES cases/cases_reader_test.cc cases/cases_runner_test.cc
  LIBS heloguard_cases heloguard_toml)
