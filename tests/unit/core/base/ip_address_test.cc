// Text forms, mapping, ranges and networks of IP addresses, as tables.
#include "heloguard/base/ip_address.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

IpAddress Ip(std::string_view text) {
  const auto address = IpAddress::Parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress());
}

TEST(IpAddress, ParsesAndPrintsCanonically) {
  const struct {
    const char* text;
    const char* canonical;
  } rows[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"192.0.2.1", "192.0.2.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:DB8::1", "2001:db8::1"},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // a lone zero group is not compressed
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longest run is
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of equals is
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},            // "::" for one group
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"::ffff:c000:201", "::ffff:192.0.2.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"},
      {"::192.0.2.1", "::c000:201"},
      {"::1:2", "::1:2"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Ip(row.text).ToString(), row.canonical);
    EXPECT_EQ(Ip(row.canonical), Ip(row.text));
  }
}

TEST(IpAddress, NothingElseParses) {
  const std::string_view rows[] = {
      "",
      " ",
      ".",
      ":",
      ":::",
      "192",
      "192.0.2",
      "192.0.2.",
      ".192.0.2.1",
      "192.0.2.1.",
      "192.0.2.1.1",
      "192..2.1",
      "192.0.2.256",
      "192.0.2.01",
      "0300.0.2.1",
      "192.0.2.001",
      "192.0.2.1 ",
      " 192.0.2.1",
      "192.0.2.1/32",
      "+1.0.2.1",
      "-1.0.2.1",
      "0x7f.0.0.1",
      "127.1",
      "3221225985",
      "192.0.2.1\n",
      std::string_view("192.0.2.1\0", 10),
      std::string_view("192.0.2.\0001", 10),
      "192,0,2,1",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "1::2::3",
      "::1::",
      ":1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:",
      "12345::",
      "::g",
      "fe80::1%eth0",
      "[::1]",
      "::1/128",
      "::192.0.2",
      "::192.0.2.256",
      "::192.0.2.1:1",
      "192.0.2.1::",
      "1:2:3:4:5:6:7:192.0.2.1",
      "1:192.0.2.1",
      "::+1",
      "::-1",
      ":: 1",
      "IPv6:::1",
  };
  for (const auto row : rows) EXPECT_FALSE(IpAddress::Parse(row)) << row;
}

TEST(IpAddress, EveryPrefixOfAnAddressIsAnotherOrNone) {
  // A comparison over the shorter text would take 192.0.2.1 for 192.0.2.10.
  EXPECT_NE(Ip("192.0.2.1"), Ip("192.0.2.10"));
  EXPECT_NE(Ip("2001:db8::1"), Ip("2001:db8::10"));
  EXPECT_NE(Ip("0.0.0.0"), Ip("::"));
}

TEST(IpAddress, UnmapsMappedOnly) {
  EXPECT_EQ(Ip("::ffff:192.0.2.1").Unmapped(), Ip("192.0.2.1"));
  EXPECT_TRUE(Ip("::ffff:192.0.2.1").is_v6());
  for (const char* same : {"192.0.2.1", "::192.0.2.1", "64:ff9b::192.0.2.1", "2001:db8::1", "::fffe:c000:201"}) {
    EXPECT_EQ(Ip(same).Unmapped(), Ip(same));
  }
}

TEST(IpAddress, Loopback) {
  for (const char* yes : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(Ip(yes).IsLoopback()) << yes;
  }
  for (const char* no : {"126.255.255.255", "128.0.0.0", "::", "::2", "::127.0.0.1", "::ffff:128.0.0.1", "0.0.0.0"}) {
    EXPECT_FALSE(Ip(no).IsLoopback()) << no;
  }
}

TEST(IpAddress, GloballyReachable) {
  const struct {
    const char* address;
    bool reachable;
  } rows[] = {
      // IPv4: both ends of each range, and the neighbours outside
      {"0.0.0.0", false},
      {"0.255.255.255", false},
      {"1.0.0.0", true},
      {"9.255.255.255", true},
      {"10.0.0.0", false},
      {"10.255.255.255", false},
      {"11.0.0.0", true},
      {"100.63.255.255", true},
      {"100.64.0.0", false},
      {"100.127.255.255", false},
      {"100.128.0.0", true},
      {"127.0.0.1", false},
      {"169.253.255.255", true},
      {"169.254.0.1", false},
      {"169.255.0.0", true},
      {"172.15.255.255", true},
      {"172.16.0.0", false},
      {"172.31.255.255", false},
      {"172.32.0.0", true},
      {"192.0.0.8", false},
      {"192.0.0.9", true},
      {"192.0.0.10", true},
      {"192.0.0.170", false},
      {"192.0.1.0", true},
      {"192.0.2.1", false},
      {"192.0.3.0", true},
      {"192.88.99.1", true},
      {"192.167.255.255", true},
      {"192.168.0.1", false},
      {"192.169.0.0", true},
      {"198.17.255.255", true},
      {"198.18.0.0", false},
      {"198.19.255.255", false},
      {"198.20.0.0", true},
      {"198.51.100.9", false},
      {"203.0.113.77", false},
      {"223.255.255.255", true},
      {"224.0.0.1", false},
      {"239.255.255.255", false},
      {"240.0.0.1", false},
      {"255.255.255.255", false},
      {"8.8.8.8", true},
      // IPv6
      {"::", false},
      {"::1", false},
      {"::8.8.8.8", false},
      {"64:ff9b::8.8.8.8", true},
      {"64:ff9b:1::1", false},
      {"100::1", false},
      {"1fff:ffff::", false},
      {"2000::", true},
      {"2001::1", true},
      {"2001:1::1", true},
      {"2001:1::2", true},
      {"2001:1::4", false},
      {"2001:2::1", false},
      {"2001:3::1", true},
      {"2001:4:112::1", true},
      {"2001:4:113::1", false},
      {"2001:10::1", false},
      {"2001:20::1", true},
      {"2001:30::1", true},
      {"2001:1ff:ffff::", false},
      {"2001:200::1", true},
      {"2001:db7::1", true},
      {"2001:db8::1", false},
      {"2001:db9::1", true},
      {"2002:c000:201::1", true},
      {"2620:4f:8000::1", true},
      {"3ffe::1", true},
      {"3fff::1", false},
      {"3fff:fff::1", false},
      {"3fff:1000::1", true},
      {"4000::", false},
      {"5f00::1", false},
      {"fc00::1", false},
      {"fdff::1", false},
      {"fe80::1", false},
      {"fec0::1", false},
      {"ff02::1", false},
      // mapped: as the IPv4 address inside
      {"::ffff:8.8.8.8", true},
      {"::ffff:10.0.0.1", false},
  };
  for (const auto& row : rows) EXPECT_EQ(Ip(row.address).IsGloballyReachable(), row.reachable) << row.address;
}

TEST(IpNetwork, ParsesAndPrints) {
  const struct {
    const char* text;
    const char* printed;  // nullptr: does not parse
  } rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1/32", "192.0.2.1"},
      {"192.0.2.0/24", "192.0.2.0/24"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"::/0", "::/0"},
      {"2001:db8::/32", "2001:db8::/32"},
      {"::1", "::1"},
      {"2001:db8::1/128", "2001:db8::1"},
      {"::ffff:192.0.2.0/120", "192.0.2.0/24"},
      {"::ffff:0:0/96", "0.0.0.0/0"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"192.0.2.128/25", "192.0.2.128/25"},
      // bits behind the prefix, and things that are no length
      {"192.0.2.1/24", nullptr},
      {"192.0.2.192/25", nullptr},
      {"2001:db8::1/64", nullptr},
      {"::ffff:192.0.2.1/120", nullptr},
      {"192.0.2.0/33", nullptr},
      {"2001:db8::/129", nullptr},
      {"192.0.2.0/", nullptr},
      {"192.0.2.0/024", nullptr},
      {"192.0.2.0/-1", nullptr},
      {"192.0.2.0/ 24", nullptr},
      {"192.0.2.0/24 ", nullptr},
      {"192.0.2.0/255.255.255.0", nullptr},
      {"192.0.2/24", nullptr},
      {"/24", nullptr},
      {"", nullptr},
      {"192.0.2.0/24/24", nullptr},
      {"192.0.2.0/4294967296", nullptr},
  };
  for (const auto& row : rows) {
    const auto network = IpNetwork::Parse(row.text);
    ASSERT_EQ(network.has_value(), row.printed != nullptr) << row.text;
    if (network) {
      EXPECT_EQ(network->ToString(), row.printed);
    }
  }
}

TEST(IpNetwork, Contains) {
  const struct {
    const char* network;
    const char* address;
    bool inside;
  } rows[] = {
      {"192.0.2.0/24", "192.0.2.0", true},
      {"192.0.2.0/24", "192.0.2.255", true},
      {"192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.0/25", "192.0.2.128", false},
      {"192.0.2.0/31", "192.0.2.1", true},
      {"192.0.2.0/31", "192.0.2.2", false},
      {"192.0.2.1", "192.0.2.10", false},
      {"0.0.0.0/0", "203.0.113.1", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "192.0.2.1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "::ffff:192.0.2.1", false},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"::ffff:10.0.0.0/104", "10.1.2.3", true},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(IpNetwork::Parse(row.network)->Contains(Ip(row.address)), row.inside)
        << row.network << " " << row.address;
  }
}

TEST(IpNetwork, ContainsNetworks) {
  const struct {
    const char* outer;
    const char* inner;
    bool inside;
  } rows[] = {
      {"192.0.2.0/24", "192.0.2.0/24", true},       {"192.0.2.0/24", "192.0.2.128/25", true},
      {"192.0.2.0/25", "192.0.2.0/24", false},      {"192.0.2.0/25", "192.0.2.128/25", false},
      {"192.0.2.0/24", "192.0.2.7", true},          {"192.0.2.7", "192.0.2.7", true},
      {"0.0.0.0/0", "2001:db8::/32", false},        {"::/0", "2001:db8::/32", true},
      {"::ffff:10.0.0.0/104", "10.1.0.0/16", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(IpNetwork::Parse(row.outer)->Contains(IpNetwork::Parse(row.inner).value()), row.inside)
        << row.outer << " " << row.inner;
  }
}

TEST(IpNetwork, ConstructorMasksAndClamps) {
  EXPECT_EQ(IpNetwork(Ip("192.0.2.77"), 24).ToString(), "192.0.2.0/24");
  EXPECT_EQ(IpNetwork(Ip("192.0.2.77"), 99).ToString(), "192.0.2.77");
  EXPECT_EQ(IpNetwork(Ip("2001:db8:1:2:3::4"), 64).ToString(), "2001:db8:1:2::/64");
}

}  // namespace
}  // namespace heloguard
