# The milter protocol against a real server process, spoken by a small client of ours (milter_client.py) and by
# miltertest. One ctest a file; each starts and stops its own servers.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(HELOGUARD_MILTERTEST miltertest REQUIRED)

add_executable(milter_server milter_server.cc threaded_dns.cc)
target_link_libraries(milter_server PRIVATE heloguard_milter heloguard_toml heloguard_test_support heloguard_warnings)

foreach(name negotiation session hostile socket failure stop stall miltertest)
  add_test(NAME wire.${name} COMMAND Python3::Interpreter -B -m unittest -v ${name}_test
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(wire.${name} PROPERTIES LABELS wire TIMEOUT 240
    ENVIRONMENT "HELOGUARD_MILTER_SERVER=$<TARGET_FILE:milter_server>;HELOGUARD_MILTERTEST=${HELOGUARD_MILTERTEST}")
endforeach()
set_tests_properties(wire.stall PROPERTIES RUN_SERIAL ON)  # it measures
