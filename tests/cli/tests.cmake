# The real binary from outside: what it prints, where, and with which exit status.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
foreach(area usage check batch lint test_policy reference live)
  add_test(NAME cli.${area} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/${area}_test.py)
  set_tests_properties(cli.${area} PROPERTIES LABELS cli TIMEOUT 120)
endforeach()
# docs/reference against the tables in the code.
add_test(NAME docs.reference COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/docs_test.py)
set_tests_properties(docs.reference PROPERTIES LABELS docs TIMEOUT 60)
set_tests_properties(cli.usage cli.check cli.batch cli.lint cli.test_policy cli.reference cli.live docs.reference
  PROPERTIES ENVIRONMENT "HELOGUARD=$<TARGET_FILE:heloguard>;HELOGUARD_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
