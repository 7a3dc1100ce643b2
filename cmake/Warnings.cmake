# heloguard_warnings: every warning we hold ourselves to. -Werror comes from our presets only, never for packagers.
add_library(heloguard_warnings INTERFACE)
target_compile_options(heloguard_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough -Wswitch-enum)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wno-restrict: false positive on std::string in optimised builds of g++ 12 (GCC bugs 105329, 105651).
  target_compile_options(heloguard_warnings INTERFACE -Wsuggest-override -Wduplicated-cond -Wlogical-op -Wno-restrict)
else()
  target_compile_options(heloguard_warnings INTERFACE -Wthread-safety)  # src/os/thread_annotations.h
endif()
