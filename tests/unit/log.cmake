heloguard_test(log_test LABEL unit SOURCES log/log_line_test.cc log/log_sink_test.cc log/refusal_groups_test.cc log/journal_sink_test.cc LIBS heloguard_log)
