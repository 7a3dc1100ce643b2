// Words and small decisions that the checks of an audit share. Pure. Tests: tests/unit/audit/audit_checks_test.cc.
#include "audit/audit_words.h"

#include <algorithm>
#include <array>

#include "heloguard/base/escape.h"
#include "heloguard/base/public_suffix.h"
#include "heloguard/base/quantity.h"
#include "heloguard/base/special_use.h"
#include "heloguard/judge/evaluate.h"

namespace heloguard {
namespace {

constexpr std::array<std::string_view, 9> kInside{"127.0.0.0/8",   "10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16",
                                                  "100.64.0.0/10", "169.254.0.0/16", "::1",           "fc00::/7",
                                                  "fe80::/10"};
constexpr EnumSet<HeloFlaw> kUnpublished{HeloFlaw::kUnderscore, HeloFlaw::kNumericTld, HeloFlaw::kUnknownTld,
                                         HeloFlaw::kPublicSuffix, HeloFlaw::kBadPunycode};
constexpr std::size_t kMaxListed = 4;
constexpr std::size_t kMaxItem = 120;

bool Unasked(const DnsAnswer* answer) { return answer == nullptr || answer->status == DnsStatus::kNotAsked; }

}  // namespace

std::string SayInHelo(std::string_view name) {
  return "Let the server say " + std::string(name) +
         " in HELO (Postfix: smtp_helo_name in main.cf; Sendmail: confDOMAIN_NAME in sendmail.mc).";
}

std::string SayServiceName(const Helo& helo) {
  const auto domain = helo.domain ? OrganizationalDomain(*helo.domain) : std::nullopt;
  return SayInHelo("a name of its service," + (domain ? " such as mail." + domain->ToText() : std::string()) + ",");
}

bool IsPublishable(const Helo& helo) {
  return helo.kind == HeloKind::kFqdn && (helo.flaws & kUnpublished).empty() && helo.domain->IsHostName() &&
         !IsSpecialUse(*helo.domain);
}

bool IsInside(const IpAddress& address) {
  return std::ranges::any_of(kInside, [&](std::string_view text) {
    const auto network = IpNetwork::Parse(text);
    return network && network->Contains(address);
  });
}

CheckResult UnsettledResult(const DnsAnswer* answer, bool resolver_well) {
  const bool bogus = answer != nullptr && answer->status == DnsStatus::kBogus;
  return bogus && resolver_well ? CheckResult::kWarn : CheckResult::kUnknown;
}

std::string UnsettledText(const DnsAnswer* answer, bool resolver_well) {
  if (Unasked(answer)) return "not looked up";
  if (answer->status == DnsStatus::kBogus) return "does not validate (DNSSEC)";
  if (answer->status == DnsStatus::kTimeout) return "no answer in time";
  return resolver_well ? "no usable answer (SERVFAIL)" : "no answer to rely on";
}

std::string ListText(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kMaxListed); ++i) {
    text += (i == 0 ? "" : ", ") + EscapeBytes(UnescapeBytes(items[i]), kMaxItem);
  }
  return text + (items.size() > kMaxListed ? " and " + std::to_string(items.size() - kMaxListed) + " more" : "");
}

std::string ListText(const DnsAnswer& answer) {
  std::vector<std::string> items;
  for (const DnsRecord& record : answer.data) {
    std::string item = ToText(record);
    if (item.size() > 1 && item.ends_with('.')) item.pop_back();
    items.push_back(std::move(item));
  }
  return ListText(items);
}

std::string ChargeText(const Charge& charge) {
  if (charge.action != ActionKind::kScore) return charge.rule + ": " + std::string(NameOf(charge.action));
  return charge.rule + (charge.score < 0 ? " " : " +") + ScoreText(charge.score);
}

std::optional<Dnssec> JoinedDnssec(std::initializer_list<const DnsAnswer*> answers) {
  std::optional<Dnssec> joined;
  for (const Dnssec weak : {Dnssec::kSecure, Dnssec::kIndeterminate, Dnssec::kInsecure, Dnssec::kBogus}) {
    const bool has = std::ranges::any_of(
        answers, [&](const DnsAnswer* answer) { return !Unasked(answer) && answer->dnssec == weak; });
    if (has) joined = weak;
  }
  return joined;
}

}  // namespace heloguard
