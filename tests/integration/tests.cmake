# One ctest a case class of postfix_test.py and sendmail_test.py, so that they run beside each other and are found by
# name: postfix.Policy, sendmail.Contrib, ... They need root; without it ctest counts them as skipped.
find_package(Python3 COMPONENTS Interpreter REQUIRED)

# Shared by all presets: a download.
set(sendmail_folder ${PROJECT_SOURCE_DIR}/build/sendmail)
add_test(NAME sendmail.fetch COMMAND ${PROJECT_SOURCE_DIR}/script/fetch-sendmail ${sendmail_folder})
set_tests_properties(sendmail.fetch PROPERTIES LABELS sendmail FIXTURES_SETUP sendmail TIMEOUT 300)

function(heloguard_mta_tests mta)
  set(file ${CMAKE_CURRENT_SOURCE_DIR}/${mta}_test.py)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} lines REGEX "^class [A-Za-z]+\\(")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^class ([A-Za-z]+).*" "\\1" case "${line}")
    if(case MATCHES "Case$") # a base
      continue()
    endif()
    add_test(NAME ${mta}.${case} COMMAND ${Python3_EXECUTABLE} -m unittest -v ${mta}_test.${case}
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set_tests_properties(${mta}.${case} PROPERTIES LABELS ${mta} TIMEOUT 120 SKIP_REGULAR_EXPRESSION "needs root"
      ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1;HELOGUARD_BINARY=$<TARGET_FILE:heloguard>;\
HELOGUARD_SENDMAIL=${sendmail_folder};HELOGUARD_TEST_DIRECTORY=${CMAKE_CURRENT_BINARY_DIR}/run;\
HELOGUARD_DNSWORLD_DIRECTORY=${PROJECT_BINARY_DIR}/dnsworld")
    if(mta STREQUAL sendmail)
      set_tests_properties(${mta}.${case} PROPERTIES FIXTURES_REQUIRED sendmail)
    endif()
  endforeach()
endfunction()

heloguard_mta_tests(postfix)
heloguard_mta_tests(sendmail)
