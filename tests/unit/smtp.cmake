heloguard_test(smtp_test LABEL unit
  SOURCES smtp/smtp_reply_line_test.cc smtp/smtp_dialogue_test.cc smtp/smtp_connection_test.cc smtp/smtp_probe_test.cc
          smtp/smtp_listener_test.cc
  LIBS heloguard_smtp)
