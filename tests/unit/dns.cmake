heloguard_test(dns_test LABEL unit
  SOURCES dns/dns_packet_test.cc dns/dns_packet_hostile_test.cc dns/unbound_options_test.cc dns/unbound_resolver_test.cc
    dns/trust_anchor_test.cc dns/canary_test.cc
  LIBS heloguard_unbound)
