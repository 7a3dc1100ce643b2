// The table of special-use domains and private endings.
#include "heloguard/base/special_use.h"

#include <gtest/gtest.h>

#include "heloguard/base/public_suffix.h"

namespace heloguard {
namespace {

using namespace std::string_view_literals;

DomainName Name(std::string_view text) {
  const auto name = DomainName::FromText(text);
  EXPECT_TRUE(name) << text;
  return name.value_or(DomainName());
}

TEST(SpecialUse, Domains) {
  for (const char* yes : {"test",
                          "host.test",
                          "localhost",
                          "a.invalid",
                          "printer.local",
                          "x.onion",
                          "home.arpa",
                          "router.home.arpa",
                          "foo.alt",
                          "vm.internal",
                          "10.in-addr.arpa",
                          "1.2.3.10.in-addr.arpa",
                          "1.16.172.in-addr.arpa",
                          "1.31.172.in-addr.arpa",
                          "1.168.192.in-addr.arpa",
                          "1.254.169.in-addr.arpa",
                          "8.e.f.ip6.arpa",
                          "b.e.f.ip6.arpa",
                          "pc.lan",
                          "lan",
                          "pc.home",
                          "exch.corp",
                          "localhost.localdomain",
                          "x.intranet",
                          "x.private",
                          "x.workgroup",
                          "pc.mshome",
                          "x.domain",
                          "x.localnet",
                          "PC.LAN."}) {
    EXPECT_TRUE(IsSpecialUse(Name(yes))) << yes;
  }
  for (const char* no : {"mail.example.com", "local.example.com", "mylocal", "notlocal", "x.box", "x.company", "arpa",
                         "in-addr.arpa", "1.15.172.in-addr.arpa", "1.32.172.in-addr.arpa", "1.110.in-addr.arpa",
                         "c.e.f.ip6.arpa", ".", "lan.de", "homes.de", "test.de", "xarpa", "mail", "server"}) {
    EXPECT_FALSE(IsSpecialUse(Name(no))) << no;
  }
  // Reserved for documentation: they stand for ordinary names.
  for (const char* no : {"example", "mail.example", "example.com", "mail.example.net", "mail.example.org"}) {
    EXPECT_FALSE(IsSpecialUse(Name(no))) << no;
  }
  // A dot inside a label ends none.
  EXPECT_FALSE(IsSpecialUse(*DomainName::FromWire("\6pc.lan\2de\0"sv)));
  EXPECT_FALSE(IsSpecialUse(*DomainName::FromWire("\6pc.lan\0"sv)));
  EXPECT_FALSE(IsSpecialUse(*DomainName::FromWire("\11home.arpa\0"sv)));
}

TEST(SpecialUse, NoPrivateEndingIsATld) {
  for (const char* ending : {"lan",       "home",   "corp",     "localdomain", "intranet",       "private",
                             "workgroup", "mshome", "domain",   "localnet",    "intra",          "priv",
                             "loc",       "lokal",  "homenet",  "dmz",         "openstacklocal", "novalocal",
                             "belkin",    "dlink",  "internal", "local"}) {
    EXPECT_TRUE(IsSpecialUse(Name(ending))) << ending;
    EXPECT_FALSE(HasKnownTld(Name(ending))) << ending;
  }
}

TEST(SpecialUse, LocalhostNames) {
  for (const char* yes : {"localhost", "LOCALHOST.", "localhost.localdomain", "mail.localhost", "x.y.localdomain"}) {
    EXPECT_TRUE(IsLocalhostName(Name(yes))) << yes;
  }
  for (const char* no : {"localhost.example.com", "mylocalhost", "localhost1", "localdomain", "local", "."}) {
    EXPECT_FALSE(IsLocalhostName(Name(no))) << no;
  }
}

}  // namespace
}  // namespace heloguard
