heloguard_test(maillog_test LABEL unit
  SOURCES maillog/log_file_test.cc maillog/log_time_test.cc maillog/syslog_line_test.cc maillog/postfix_line_test.cc
    maillog/sendmail_line_test.cc maillog/heloguard_line_test.cc maillog/session_joiner_test.cc
    maillog/postfix_sessions_test.cc maillog/own_sessions_test.cc maillog/mail_log_test.cc maillog/replay_tally_test.cc
  LIBS heloguard_replay heloguard_log PkgConfig::zlib PkgConfig::libzstd)
