# Where everything goes. Manual pages and completions are printed by the program just built, so that they cannot fall
# behind it. What belongs into /etc comes along only for packages, which know how to keep a postmaster's own edits.
find_package(Python3 3.9 COMPONENTS Interpreter)
set(manual_by_default ${Python3_Interpreter_FOUND})
if(HELOGUARD_SANITIZE OR CMAKE_CROSSCOMPILING)
  set(manual_by_default OFF)
endif()
option(HELOGUARD_BUILD_MANUAL "manual pages and shell completions (needs Python and runs the program)"
  ${manual_by_default})
option(HELOGUARD_INSTALL_ETC "install /etc/heloguard and /etc/logrotate.d too, over what is there" OFF)
set(HELOGUARD_SYSTEMD_UNIT_DIR lib/systemd/system CACHE STRING "where the unit goes")
set(HELOGUARD_ZSH_COMPLETION_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "where zsh looks")
set(HELOGUARD_DATA_DIR ${CMAKE_INSTALL_FULL_DATADIR}/heloguard)

install(TARGETS heloguard RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY policies DESTINATION ${CMAKE_INSTALL_DATADIR}/heloguard)
install(DIRECTORY contrib/ DESTINATION ${CMAKE_INSTALL_DOCDIR}
  PATTERN etc EXCLUDE PATTERN systemd EXCLUDE PATTERN logrotate EXCLUDE)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md"
  PATTERN architecture.md EXCLUDE PATTERN performance.md EXCLUDE
  PATTERN decisions EXCLUDE PATTERN man EXCLUDE PATTERN reference EXCLUDE)

# What a package puts into /etc/heloguard.
set(etc_dir ${PROJECT_BINARY_DIR}/etc)
configure_file(contrib/etc/heloguard.toml.in ${etc_dir}/heloguard.toml @ONLY)
configure_file(contrib/etc/local.toml.in ${etc_dir}/local.toml @ONLY)
install(FILES ${etc_dir}/local.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/heloguard)
if(HELOGUARD_INSTALL_ETC)
  install(FILES ${etc_dir}/heloguard.toml DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/heloguard)
  install(FILES contrib/logrotate/heloguard DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/logrotate.d)
endif()

configure_file(contrib/systemd/heloguard.service.in ${etc_dir}/heloguard.service @ONLY)
install(FILES ${etc_dir}/heloguard.service DESTINATION ${HELOGUARD_SYSTEMD_UNIT_DIR})
install(FILES contrib/systemd/heloguard.sysusers DESTINATION lib/sysusers.d RENAME heloguard.conf)
install(FILES contrib/systemd/heloguard.tmpfiles DESTINATION lib/tmpfiles.d RENAME heloguard.conf)

if(HELOGUARD_BUILD_MANUAL)
  set(manual_dir ${PROJECT_BINARY_DIR}/manual)
  set(manual_pages heloguard.1 heloguard.8 heloguard-policy.5 heloguard.toml.5)
  set(manual_tools ${PROJECT_SOURCE_DIR}/packaging/manual.py ${PROJECT_SOURCE_DIR}/packaging/completion.py
    ${PROJECT_SOURCE_DIR}/packaging/reference_pages.py)
  list(TRANSFORM manual_pages PREPEND ${manual_dir}/ OUTPUT_VARIABLE manual_files)
  list(TRANSFORM manual_pages REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/docs/man/\\1.in" OUTPUT_VARIABLE manual_sources)
  add_custom_command(OUTPUT ${manual_files} ${manual_dir}/heloguard.bash ${manual_dir}/_heloguard
    COMMAND Python3::Interpreter -B ${PROJECT_SOURCE_DIR}/packaging/manual.py --program $<TARGET_FILE:heloguard>
      --output ${manual_dir}
    COMMAND Python3::Interpreter -B ${PROJECT_SOURCE_DIR}/packaging/completion.py --program $<TARGET_FILE:heloguard>
      --output ${manual_dir}
    DEPENDS heloguard ${manual_sources} ${manual_tools} COMMENT "Printing manual pages and completions" VERBATIM)
  add_custom_target(manual ALL DEPENDS ${manual_files})
  install(FILES ${manual_dir}/heloguard.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${manual_dir}/heloguard-policy.5 ${manual_dir}/heloguard.toml.5
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
  install(FILES ${manual_dir}/heloguard.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
  install(FILES ${manual_dir}/heloguard.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME heloguard)
  install(FILES ${manual_dir}/_heloguard DESTINATION ${HELOGUARD_ZSH_COMPLETION_DIR})
endif()
