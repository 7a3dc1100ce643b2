heloguard_test(dns_test LABEL unit
  SOURCES dns/dns_packet_test.cc dns/unbound_options_test.cc dns/unbound_resolver_test.cc
  LIBS heloguard_unbound)
