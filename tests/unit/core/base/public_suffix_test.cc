// The public suffix list as we ask it: ICANN section, wildcards, exceptions, hostile labels.
#include "heloguard/base/public_suffix.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

using namespace std::string_view_literals;

DomainName Name(std::string_view text) { return DomainName::FromText(text).value_or(DomainName()); }

TEST(PublicSuffix, KnownTlds) {
  for (const char* yes : {"com", "mail.example.com", "x.de", "x.ck", "x.er", "x.bd", "x.np", "x.kh", "x.arpa", "x.box",
                          "x.company", "x.xn--p1ai", "x.xn--fiqs8s", "X.COM", "mail.partner.example"}) {
    EXPECT_TRUE(HasKnownTld(Name(yes))) << yes;
  }
  for (const char* no : {".", "x.nosuch", "nosuch", "x.local", "x.lan", "x.1", "com.x", "x.zz", "x.c_om", "x.yu"}) {
    EXPECT_FALSE(HasKnownTld(Name(no))) << no;
  }
}

TEST(PublicSuffix, Suffixes) {
  for (const char* yes : {"com", "co.uk", "ck", "anything.ck", "er", "co.er", "bd", "com.bd", "x.kawasaki.jp",
                          "in-addr.arpa", "CO.UK.", "com.br", "xn--55qx5d.cn"}) {
    EXPECT_TRUE(IsPublicSuffix(Name(yes))) << yes;
  }
  for (const char* no : {".", "example.com", "www.ck", "city.kawasaki.jp", "x.co.uk", "nosuch", "a.nosuch",
                         // the private section: a host of a cloud is no suffix
                         "github.io", "compute.amazonaws.com", "dyndns.org", "blogspot.com", "lan", "1.2"}) {
    EXPECT_FALSE(IsPublicSuffix(Name(no))) << no;
  }
}

TEST(PublicSuffix, OrganisationsAndHostParts) {
  const struct {
    const char* name;
    const char* organisation;  // nullptr: none
    const char* host;
  } rows[] = {
      {"mail.example.com", "example.com", "mail"},
      {"a.b.example.co.uk", "example.co.uk", "a.b"},
      {"example.com", "example.com", ""},
      {"com", nullptr, ""},
      {"co.uk", nullptr, ""},
      {"friend", nullptr, ""},
      {".", nullptr, ""},
      {"www.ck", "www.ck", ""},
      {"a.www.ck", "www.ck", "a"},
      {"a.b.c.ck", "b.c.ck", "a"},
      {"b.c.ck", "b.c.ck", ""},
      {"x.ck", nullptr, ""},
      {"ec2-192-0-2-1.compute-1.amazonaws.com", "amazonaws.com", "ec2-192-0-2-1.compute-1"},
      {"foo.github.io", "github.io", "foo"},
      {"mail.intra.nosuch", "intra.nosuch", "mail"},  // an unknown TLD counts as a suffix
      {"Mail.Example.COM.", "example.com", "mail"},
  };
  for (const auto& row : rows) {
    const auto organisation = OrganizationalDomain(Name(row.name));
    ASSERT_EQ(organisation.has_value(), row.organisation != nullptr) << row.name;
    if (organisation) {
      EXPECT_EQ(organisation->ToText(), row.organisation);
    }
    EXPECT_EQ(HostPart(Name(row.name)), row.host) << row.name;
  }
}

TEST(PublicSuffix, HostileLabelsStayLabels) {
  const auto wire = [](std::string_view text) { return *DomainName::FromWire(text); };
  EXPECT_FALSE(IsPublicSuffix(wire("\5co.uk\0"sv)));  // one label "co.uk", no suffix
  EXPECT_FALSE(HasKnownTld(wire("\4mail\5x.com\0"sv)));
  EXPECT_FALSE(IsPublicSuffix(wire("\4com\0\0"sv)));  // "com\0" is not "com"
  EXPECT_FALSE(HasKnownTld(wire("\1x\5com\0z\0"sv)));
  EXPECT_EQ(OrganizationalDomain(wire("\7a\0b.com\7example\3com\0"sv)), Name("example.com"));
  EXPECT_EQ(HostPart(wire("\7a\0b.com\7example\3com\0"sv)), "a\\x00b\\x2ecom");
  // The label in front of a wildcard's suffix may hold anything; the organisation is one label more.
  EXPECT_TRUE(IsPublicSuffix(wire("\3a.b\2ck\0"sv)));
  EXPECT_EQ(OrganizationalDomain(wire("\1x\3a.b\2ck\0"sv)), wire("\1x\3a.b\2ck\0"sv));
}

TEST(PublicSuffix, TheLongestNameIsNoTrouble) {
  std::string text;
  for (int i = 0; i < 125; ++i) text += "a.";
  EXPECT_EQ(OrganizationalDomain(Name(text + "com"))->ToText(), "a.com");
}

}  // namespace
}  // namespace heloguard
