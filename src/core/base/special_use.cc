// The table of special-use domains and private endings.
//
// A row says from which RFC it is, or that it was seen in the wild. Pure. Tests:
// tests/unit/core/base/special_use_test.cc.
#include "heloguard/base/special_use.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace heloguard {
namespace {

// Special-use domains. Left out though RFC 6761 section 6.5 has them: example, example.com, example.net, example.org.
// They stand for ordinary names in documentation, samples and tests, and nobody can register them.
constexpr std::string_view kSpecialUse[] = {
    // RFC 6761 sections 6.2 to 6.4
    "test",
    "localhost",
    "invalid",
    // RFC 6762 (mDNS), RFC 7686, RFC 8375, RFC 9476, and .internal (ICANN resolution of 2024-07-29)
    "local",
    "onion",
    "home.arpa",
    "alt",
    "internal",
    // RFC 6761 section 6.1 and RFC 6762 section 12: reverse zones of private and link-local addresses
    "10.in-addr.arpa",
    "168.192.in-addr.arpa",
    "254.169.in-addr.arpa",
    "16.172.in-addr.arpa",
    "17.172.in-addr.arpa",
    "18.172.in-addr.arpa",
    "19.172.in-addr.arpa",
    "20.172.in-addr.arpa",
    "21.172.in-addr.arpa",
    "22.172.in-addr.arpa",
    "23.172.in-addr.arpa",
    "24.172.in-addr.arpa",
    "25.172.in-addr.arpa",
    "26.172.in-addr.arpa",
    "27.172.in-addr.arpa",
    "28.172.in-addr.arpa",
    "29.172.in-addr.arpa",
    "30.172.in-addr.arpa",
    "31.172.in-addr.arpa",
    "8.e.f.ip6.arpa",
    "9.e.f.ip6.arpa",
    "a.e.f.ip6.arpa",
    "b.e.f.ip6.arpa",
    // Private endings seen in the wild: routers, Windows workgroups, Active Directory, clouds (RFC 6762 appendix G has
    // the first ones). No TLD among them, and no word that is a likely host name by itself.
    "lan",
    "home",
    "corp",
    "localdomain",
    "intranet",
    "private",
    "workgroup",
    "mshome",
    "domain",
    "localnet",
    "intra",
    "priv",
    "loc",
    "lokal",
    "homenet",
    "dmz",
    "openstacklocal",
    "novalocal",
    "belkin",
    "dlink",
};

// True if the name ends with the labels of `tail`, which is in text form; makes no labels of it.
bool EndsWithText(const std::vector<std::string>& labels, std::string_view tail) {
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    const std::size_t dot = tail.rfind('.');
    if (tail.substr(dot + 1) != *label) return false;  // npos + 1 is 0
    if (dot == std::string_view::npos) return true;
    tail = tail.substr(0, dot);
  }
  return false;
}

}  // namespace

bool IsSpecialUse(const DomainName& name) {
  return std::any_of(std::begin(kSpecialUse), std::end(kSpecialUse),
                     [&](std::string_view domain) { return EndsWithText(name.labels(), domain); });
}

bool IsLocalhostName(const DomainName& name) {
  // localhost.localdomain is under .localdomain; the bare word localdomain names no host.
  return EndsWithText(name.labels(), "localhost") ||
         (EndsWithText(name.labels(), "localdomain") && name.labels().size() > 1);
}

}  // namespace heloguard
