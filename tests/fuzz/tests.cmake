# heloguard_fuzzer(NAME CORPUS LIBS...): the target of NAME.cc twice. NAME_replay runs over corpus/CORPUS with any
# compiler, in every preset; NAME itself is a libFuzzer program, built on demand with clang and tried for ten seconds.
function(heloguard_fuzzer name corpus)
  set(inputs ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${corpus})
  add_executable(${name}_replay ${name}.cc standalone_main.cc)
  target_link_libraries(${name}_replay PRIVATE ${ARGN} heloguard_options heloguard_warnings)
  add_test(NAME fuzz-corpus.${name} COMMAND ${name}_replay ${inputs})
  set_tests_properties(fuzz-corpus.${name} PROPERTIES LABELS fuzz-corpus TIMEOUT 60)
  if(HELOGUARD_BUILD_FUZZERS)
    add_executable(${name} ${name}.cc)
    target_link_libraries(${name} PRIVATE ${ARGN} heloguard_options heloguard_warnings)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    # New inputs go to the first folder, in the build tree; the second is only read.
    set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
    file(MAKE_DIRECTORY ${found})
    add_test(NAME fuzz.${name} COMMAND ${name} -max_total_time=10 -max_len=2048 -print_final_stats=1
      -artifact_prefix=${found}/ ${found} ${inputs})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
endfunction()

heloguard_fuzzer(fuzz_helo helo heloguard_core)
heloguard_fuzzer(fuzz_dns_packet fuzz_dns_packet heloguard_unbound)
heloguard_fuzzer(fuzz_policy policy heloguard_toml)
heloguard_fuzzer(fuzz_cases cases heloguard_cases heloguard_toml)
