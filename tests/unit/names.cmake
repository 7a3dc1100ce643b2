heloguard_test(names_test LABEL unit
  SOURCES core/result_test.cc core/ip_address_test.cc core/domain_name_test.cc core/public_suffix_test.cc
    core/escape_test.cc core/helo_test.cc core/helo_property_test.cc core/embedded_address_test.cc
    core/client_facts_test.cc core/helo_facts_test.cc core/helo_traits_test.cc
  LIBS heloguard_core)
# What core keeps to itself: the rows of the fact table, the traits of names.
target_include_directories(names_test PRIVATE ${PROJECT_SOURCE_DIR}/src/core/facts)
