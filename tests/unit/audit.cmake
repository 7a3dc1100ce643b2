heloguard_test(audit_test LABEL unit SOURCES app/audit_checks_test.cc app/audit_spf_test.cc app/audit_request_test.cc LIBS heloguard_app)
