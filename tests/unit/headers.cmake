heloguard_test(headers_test LABEL unit
  SOURCES core/authentication_results_test.cc core/authserv_id_test.cc
  LIBS heloguard_engine)
