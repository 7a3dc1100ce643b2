// What is right and wrong about a HELO name itself: syntax, domain, look, and its own records in DNS.
// RFC 5321 sections 2.3.5, 4.1.2, 4.1.3; RFC 1123 section 2.1; RFC 7505 (null MX). Decides what counts as wrong for an
// audit, which is stricter than any policy. Tests: tests/unit/audit/audit_checks_test.cc.
#include <algorithm>
#include <array>

#include "audit/audit_checks.h"
#include "audit/audit_spf.h"
#include "audit/audit_words.h"
#include "heloguard/base/public_suffix.h"
#include "heloguard/base/special_use.h"

namespace heloguard {
namespace {

// One advice for every name that no record helps, so that it is told once.
constexpr std::string_view kPublicName = "its full host name in the public DNS";

struct NameCase {
  const AuditEvidence& evidence;
  std::span<const IpAddress> given;
  std::vector<CheckRow> rows = {};

  [[nodiscard]] const Helo& helo() const { return evidence.helo; }
  [[nodiscard]] const DnsAnswer* Find(RecordType type) const {
    return helo().domain ? evidence.answers.FindAsked({*helo().domain, type}) : nullptr;
  }
  [[nodiscard]] bool HasResult(CheckId check, CheckResult result) const {
    return std::ranges::any_of(rows, [&](const CheckRow& r) { return r.check == check && r.result == result; });
  }
};

struct KindRow {
  HeloKind kind;
  CheckResult result;
  std::string_view text;
};
constexpr std::array<KindRow, 9> kKinds{{
    {HeloKind::kMissing, CheckResult::kFail, "there is none"},
    {HeloKind::kFqdn, CheckResult::kPass, "a full host name"},
    {HeloKind::kSingleLabel, CheckResult::kFail, "one label alone is no full host name (RFC 5321 section 2.3.5)"},
    {HeloKind::kBareIpv4, CheckResult::kFail, "an address without brackets is no name (RFC 5321 section 4.1.3)"},
    {HeloKind::kBareIpv6, CheckResult::kFail, "an address without brackets is no name (RFC 5321 section 4.1.3)"},
    {HeloKind::kIpv4Literal, CheckResult::kWarn, "an address literal: allowed, but a server with a name should say it"},
    {HeloKind::kIpv6Literal, CheckResult::kWarn, "an address literal: allowed, but a server with a name should say it"},
    {HeloKind::kOtherLiteral, CheckResult::kFail, "a literal that is no address"},
    {HeloKind::kMalformed, CheckResult::kFail, "no host name (RFC 5321 section 4.1.2)"},
}};

struct FlawRow {
  HeloFlaw flaw;
  std::string_view text;
};
constexpr std::array<FlawRow, 12> kFlaws{{
    {HeloFlaw::kBadCharacter, "it has a character that no host name has"},
    {HeloFlaw::kControlCharacter, "it has a control character"},
    {HeloFlaw::kNonAscii, "it has an octet outside US-ASCII"},
    {HeloFlaw::kUnderscore, "the underscore is no letter of a host name (RFC 1123 section 2.1)"},
    {HeloFlaw::kEmptyLabel, "it has an empty label"},
    {HeloFlaw::kEdgeHyphen, "a label begins or ends with a hyphen"},
    {HeloFlaw::kLabelTooLong, "a label is longer than 63 octets"},
    {HeloFlaw::kNameTooLong, "it is longer than 255 octets"},
    {HeloFlaw::kBadPunycode, "a label beginning with xn-- is no A-label (RFC 5890)"},
    {HeloFlaw::kBadLiteral, "the brackets hold no address (RFC 5321 section 4.1.3)"},
    {HeloFlaw::kSeveralWords, "text follows the name"},
    {HeloFlaw::kNumericTld, "it ends in digits"},
}};

void Name(NameCase* c) {
  const Helo& helo = c->helo();
  const KindRow& kind = *std::ranges::find(kKinds, helo.kind, &KindRow::kind);
  CheckRow row{CheckId::kName, kind.result, std::string(kind.text)};
  for (const FlawRow& flaw : kFlaws) {
    if (!helo.flaws.Has(flaw.flaw)) continue;
    row.text += std::string(row.text.find(": ") == std::string::npos ? ": " : ", ") + std::string(flaw.text);
    row.result = std::max(row.result, CheckResult::kWarn);
  }
  if (row.result != CheckResult::kPass) row.advice.push_back(SayInHelo(kPublicName));
  c->rows.push_back(std::move(row));
}

// A top-level domain that our list does not have is none only if DNS does not have it either.
std::string WrongDomain(const NameCase& c, CheckResult* result) {
  const Helo& helo = c.helo();
  *result = CheckResult::kFail;
  if (IsLocalhostName(*helo.domain)) return "localhost is every host's name for itself";
  if (IsSpecialUse(*helo.domain)) return "a private or special-use domain: nobody outside can look it up";
  if (helo.flaws.Has(HeloFlaw::kNumericTld)) return "there is no such top-level domain";
  if (helo.flaws.Has(HeloFlaw::kPublicSuffix)) return "a public suffix, under which others have their domains";
  if (!helo.flaws.Has(HeloFlaw::kUnknownTld)) return "";
  const DnsAnswer* answer = c.Find(RecordType::kA);
  if (answer != nullptr && answer->status == DnsStatus::kNxDomain) return "there is no such top-level domain";
  *result = CheckResult::kUnknown;
  return "a top-level domain that the public suffix list does not have";
}

void Domain(NameCase* c) {
  const Helo& helo = c->helo();
  if (helo.kind != HeloKind::kFqdn) return;
  CheckRow row{CheckId::kDomain, CheckResult::kPass, ""};
  row.text = WrongDomain(*c, &row.result);
  if (row.text.empty()) {
    row.result = CheckResult::kPass;
    row.text = ListText({OrganizationalDomain(*helo.domain).value_or(*helo.domain).ToText()});
  } else if (row.result == CheckResult::kFail) {
    row.advice.push_back(SayInHelo(kPublicName));
  }
  c->rows.push_back(std::move(row));
}

// What the rules of the shipped policies see in a name.
struct LookWords {
  std::string_view rule;
  std::string_view text;
};
constexpr std::array<LookWords, 8> kLooks{{
    {"generic-helo", "it looks like the name of a customer's line"},
    {"machine-name", "it looks like a machine's name as installed"},
    {"bot-name", "it looks like a name made up by a program"},
    {"made-up-domain", "its domain looks made up by a program"},
    {"numbered-sender", "it looks like one of many numbered senders"},
    {"apex", "it is a domain, not a host in it"},
    {"cheap-tld", "its top-level domain is known for abuse"},
    {"spelled-out-ip", "it is an address written as a name"},
}};

std::string LookText(const Charge& charge) {
  const auto* const words = std::ranges::find(kLooks, charge.rule, &LookWords::rule);
  const std::string rule = ChargeText(charge);
  return words == kLooks.end() ? "a rule counts against it (" + rule + ")"
                               : std::string(words->text) + " (" + rule + ")";
}

void Look(NameCase* c) {
  const Helo& helo = c->helo();
  if (helo.kind != HeloKind::kFqdn || c->HasResult(CheckId::kDomain, CheckResult::kFail)) return;
  CheckRow row{CheckId::kLook, CheckResult::kPass, ""};
  for (const Charge& charge : c->evidence.look) {
    const bool refuses = charge.action == ActionKind::kReject || charge.action == ActionKind::kTempfail;
    if (charge.action == ActionKind::kAccept || (!refuses && charge.score <= 0)) continue;
    row.text += (row.text.empty() ? "" : ", ") + LookText(charge);
    row.result = std::max(row.result, refuses ? CheckResult::kFail : CheckResult::kWarn);
  }
  if (row.result == CheckResult::kPass) {
    row.text = "nothing in it looks like a customer's line or a program";
  } else {
    row.advice.push_back(SayServiceName(helo));
  }
  c->rows.push_back(std::move(row));
}

std::vector<ZoneLine> AddressLines(const NameCase& c) {
  std::vector<ZoneLine> lines;
  lines.reserve(c.given.size());
  for (const IpAddress& address : c.given) {
    lines.push_back({{*c.helo().domain, AddressTypeFor(address)}, address.ToString()});
  }
  return lines;
}

// Neither family has an address, and both have answered in some way.
void NoAddress(const NameCase& c, const DnsAnswer* a, const DnsAnswer* aaaa, CheckRow* row) {
  for (const DnsAnswer* answer : {a, aaaa}) {
    if (answer != nullptr && !IsTransient(answer->status)) continue;
    row->result = std::max(row->result, UnsettledResult(answer, c.evidence.resolver_well));
    row->text = UnsettledText(answer, c.evidence.resolver_well);
  }
  if (row->result != CheckResult::kPass) return;
  row->result = CheckResult::kFail;
  const bool exists = a->status == DnsStatus::kNoData || aaaa->status == DnsStatus::kNoData;
  row->text = exists ? "it has no address (RFC 5321 section 2.3.5)" : "it does not exist in DNS";
  if (!IsPublishable(c.helo())) {
    row->advice.push_back(SayInHelo(kPublicName));
    return;
  }
  row->publish = AddressLines(c);
  if (row->publish.empty()) {
    row->advice.push_back("Publish the server's address as \"" + RecordText({*c.helo().domain, RecordType::kA}) +
                          " ADDRESS\" (AAAA for IPv6).");
  }
}

void Addresses(NameCase* c) {
  if (!c->helo().domain) return;
  const DnsAnswer* a = c->Find(RecordType::kA);
  const DnsAnswer* aaaa = c->Find(RecordType::kAaaa);
  CheckRow row{CheckId::kAddresses, CheckResult::kPass, "", JoinedDnssec({a, aaaa})};
  const auto found = AddressesOf(*c->helo().domain, c->evidence.answers);
  if (found.empty()) {
    NoAddress(*c, a, aaaa, &row);
    c->rows.push_back(std::move(row));
    return;
  }
  std::vector<std::string> texts;
  texts.reserve(found.size());
  for (const IpAddress& address : found) texts.push_back(address.ToString());
  row.text = ListText(texts);
  for (const DnsAnswer* answer : {a, aaaa}) {
    if (answer != nullptr && !IsTransient(answer->status)) continue;
    row.result = std::max(row.result, UnsettledResult(answer, c->evidence.resolver_well));
    row.text += std::string(answer == a ? "; A: " : "; AAAA: ") + UnsettledText(answer, c->evidence.resolver_well);
  }
  const auto inside = std::ranges::find_if(found, IsInside);
  if (inside != found.end()) {
    row.result = CheckResult::kWarn;
    row.text += "; " + inside->ToString() + " is an address of the inside";
    row.advice.push_back("Publish only addresses of " + c->helo().domain->ToText() +
                         " that the world can reach: a receiver may take the name for " + inside->ToString() + ".");
  }
  c->rows.push_back(std::move(row));
}

void Mx(NameCase* c) {
  const DnsAnswer* mx = c->Find(RecordType::kMx);
  if (!c->helo().domain || c->HasResult(CheckId::kAddresses, CheckResult::kFail)) return;
  CheckRow row{CheckId::kMx, CheckResult::kPass, "", JoinedDnssec({mx})};
  const auto* only = mx == nullptr || mx->data.size() != 1 ? nullptr : std::get_if<MxRecord>(&mx->data.front());
  if (mx == nullptr || IsTransient(mx->status)) {
    row.result = UnsettledResult(mx, c->evidence.resolver_well);
    row.text = UnsettledText(mx, c->evidence.resolver_well);
  } else if (mx->data.empty()) {
    row.text = "none: mail for it goes to its addresses";
  } else if (only != nullptr && only->exchange.empty()) {
    row.result = CheckResult::kWarn;
    row.text = "null MX: it says that it takes no mail (RFC 7505), and bounces come from it";
    row.advice.push_back(
        "Publish an MX record that leads to a server which takes mail for postmaster, or none at all.");
  } else {
    row.text = ListText(*mx);
  }
  c->rows.push_back(std::move(row));
}

void Spf(NameCase* c) {
  if (auto row = CheckSpfRecord(c->evidence)) c->rows.push_back(*std::move(row));
}

constexpr std::array<void (*)(NameCase*), 6> kChecks{Name, Domain, Look, Addresses, Mx, Spf};

}  // namespace

CheckSection CheckName(const AuditEvidence& evidence, std::span<const IpAddress> given) {
  NameCase c{evidence, given};
  for (const auto check : kChecks) check(&c);
  return {"the name", "", std::move(c.rows)};
}

}  // namespace heloguard
