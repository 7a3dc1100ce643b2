# What Debian hardens its packages with, for optimised builds.
if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT HELOGUARD_SANITIZE)
  target_compile_options(heloguard_options INTERFACE -fstack-protector-strong -fstack-clash-protection -fcf-protection
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS)
  target_link_options(heloguard_options INTERFACE -Wl,-z,relro,-z,now)
endif()
include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
