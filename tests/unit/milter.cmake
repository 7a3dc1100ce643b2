heloguard_test(milter_test LABEL unit
  SOURCES milter/mta_input_test.cc milter/negotiation_test.cc milter/reply_text_test.cc milter/message_headers_test.cc
          milter/milter_socket_test.cc milter/milter_probe_test.cc
          milter/nudge_budget_test.cc
  LIBS heloguard_milter)
