# The target deb: the Debian package, made by dpkg-buildpackage from debian/ (docs/decisions/0004). It compiles in a
# folder of its own with Debian's flags; this build tree only holds what comes out. The packaging folder is made anew
# each time, so that nothing of an older package is left in it.
option(HELOGUARD_PACKAGE "the target deb, and the tests of the package" OFF)
if(HELOGUARD_PACKAGE)
  set(package_dir ${PROJECT_BINARY_DIR}/package)
  add_custom_target(deb
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${package_dir}
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${PROJECT_SOURCE_DIR}/debian ${package_dir}/debian
    COMMAND ${CMAKE_COMMAND} -E chdir ${package_dir}
      ${CMAKE_COMMAND} -E env HELOGUARD_SOURCE=${PROJECT_SOURCE_DIR} HELOGUARD_OBJECTS=${PROJECT_BINARY_DIR}/objects
        dpkg-buildpackage --build=binary --no-pre-clean --unsigned-changes --unsigned-buildinfo
    USES_TERMINAL VERBATIM COMMENT "Building the Debian package in ${PROJECT_BINARY_DIR}")
  enable_testing()
  add_subdirectory(tests/packaging/deb)
endif()
