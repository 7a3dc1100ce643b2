heloguard_test(policy_test LABEL unit
  SOURCES core/suggest_test.cc core/pattern_test.cc core/reply_test.cc core/reply_property_test.cc core/policy_checks_test.cc
    toml/toml_document_test.cc toml/pattern_file_test.cc toml/condition_reader_test.cc toml/policy_files_test.cc
    toml/policy_reader_test.cc toml/policy_errors_test.cc toml/policy_printer_test.cc core/known_good_test.cc core/access_table_test.cc toml/table_regex_test.cc
    toml/postfix_semantics_test.cc toml/table_rules_test.cc
  LIBS heloguard_core heloguard_toml)
