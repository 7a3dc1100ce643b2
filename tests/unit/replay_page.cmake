heloguard_test(replay_page_test LABEL unit SOURCES app/replay_page_test.cc LIBS heloguard_replay_page)
