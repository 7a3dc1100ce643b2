heloguard_test(metrics_test LABEL unit SOURCES metrics/metrics_test.cc metrics/metrics_server_test.cc
  LIBS heloguard_metrics)
