# Each program runs with the DNS world beside it, see README.md.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
function(heloguard_dnsworld_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} heloguard_test_support GTest::gmock GTest::gtest_main
    heloguard_warnings)
  # Much of the time is waiting for servers that do not answer: the cases are dealt out to several runs side by side.
  foreach(shard RANGE 1 3)
    math(EXPR index "${shard} - 1")
    add_test(NAME dnsworld.${name}.${shard} COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/world.py
      --build-dir ${PROJECT_BINARY_DIR}/dnsworld -- $<TARGET_FILE:${name}>)
    set_tests_properties(dnsworld.${name}.${shard} PROPERTIES LABELS dnsworld TIMEOUT 120
      ENVIRONMENT "GTEST_TOTAL_SHARDS=3;GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

heloguard_dnsworld_test(dnsworld_test SOURCES dnsworld_test.cc LIBS heloguard_unbound heloguard_engine)
