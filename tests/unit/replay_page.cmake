heloguard_test(replay_page_test LABEL unit SOURCES app/replay_page_test.cc LIBS heloguard_replay_page)
heloguard_test(replay_test LABEL unit SOURCES app/replay_judge_test.cc app/replay_dns_test.cc LIBS heloguard_replay heloguard_toml)
