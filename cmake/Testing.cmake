# heloguard_test(NAME LABEL label SOURCES ... LIBS ...): one executable, its cases discovered by ctest.
include(CTest)
include(GoogleTest)
function(heloguard_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} heloguard_test_support GTest::gmock GTest::gtest_main
    heloguard_warnings)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${ARG_LABEL}." PROPERTIES LABELS ${ARG_LABEL}
    TIMEOUT 60)
endfunction()
