# The daemon itself. Also labelled wire, so that the sanitizers see it.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME cli.serve COMMAND Python3::Interpreter -B -m unittest -v serve_test
  WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
set_tests_properties(cli.serve PROPERTIES LABELS "cli;wire" TIMEOUT 240
  ENVIRONMENT "HELOGUARD=$<TARGET_FILE:heloguard>;HELOGUARD_POLICIES=${PROJECT_SOURCE_DIR}/policies;PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/wire")
