// SPF for the HELO identity (RFC 7208 section 2.3), which receivers ask about for every bounce. The record is read by
// heloguard/dns/spf.h; here it is told what to publish. Tests: tests/unit/audit/audit_checks_test.cc,
// tests/cli/audit_test.py.
#include "audit/audit_spf.h"

#include <algorithm>
#include <array>

#include "audit/audit_words.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/public_suffix.h"
#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxString = 255;  // one character-string of a TXT record (RFC 1035 section 3.3.14)
constexpr std::size_t kMaxShown = 120;

DnsQuestion TxtOf(const AuditEvidence& evidence) { return {*evidence.helo.domain, RecordType::kTxt}; }

std::string InQuotes(std::string_view record) { return "\"" + std::string(record) + "\""; }

struct ResultRow {
  SpfResult spf;
  CheckResult result;
};
constexpr std::array<ResultRow, 7> kResults{{
    {SpfResult::kNone, CheckResult::kWarn},
    {SpfResult::kNeutral, CheckResult::kWarn},
    {SpfResult::kPass, CheckResult::kPass},
    {SpfResult::kFail, CheckResult::kFail},
    {SpfResult::kSoftfail, CheckResult::kWarn},
    {SpfResult::kTemperror, CheckResult::kUnknown},
    {SpfResult::kPermerror, CheckResult::kFail},
}};

SpfEvaluation Evaluated(const AuditEvidence& evidence, const AddressEvidence& at) {
  return EvaluateSpf({at.address, *evidence.helo.domain}, at.answers);
}

CheckResult ResultOf(SpfResult result) { return std::ranges::find(kResults, result, &ResultRow::spf)->result; }
bool Refuses(SpfResult result) { return ResultOf(result) > CheckResult::kUnknown; }

// The record that lets every audited address through; "" if it does not fit into one character-string, or holds what a
// zone file would need an escape for.
std::string WithAddresses(std::string_view record, const AuditEvidence& evidence) {
  std::string more(kSpfVersion);
  for (const AddressEvidence& at : evidence.addresses) {
    const auto result = Evaluated(evidence, at).result;
    if (!result || !Refuses(*result)) continue;
    more += (at.address.is_v4() ? " ip4:" : " ip6:") + at.address.ToString();
  }
  more += record.substr(kSpfVersion.size());
  const bool plain = EscapeBytes(more, more.size()) == more && more.find('"') == std::string::npos;
  return plain && more.size() <= kMaxString ? more : "";
}

// A name that is a domain of senders, or has its mail elsewhere, may send from hosts that we do not see.
bool IsHostAlone(const AuditEvidence& evidence) {
  const DomainName& name = *evidence.helo.domain;
  const DnsAnswer* mx = evidence.answers.FindAsked({name, RecordType::kMx});
  if (OrganizationalDomain(name) == name || mx == nullptr || IsTransient(mx->status)) return false;
  return std::ranges::all_of(mx->data, [&name](const DnsRecord& record) {
    const auto* exchange = std::get_if<MxRecord>(&record);
    return exchange != nullptr && (exchange->exchange == name || exchange->exchange.empty());
  });
}

// This host alone, with the addresses that the name does not lead to though it has some.
std::string HostRecord(const AuditEvidence& evidence) {
  const auto own = AddressesOf(*evidence.helo.domain, evidence.answers);
  std::string record = std::string(kSpfVersion) + " a";
  for (const AddressEvidence& at : evidence.addresses) {
    if (own.empty() || std::ranges::find(own, at.address) != own.end()) continue;
    record += (at.address.is_v4() ? " ip4:" : " ip6:") + at.address.ToString();
  }
  return record + " -all";
}

void AdviseRecord(const AuditEvidence& evidence, CheckRow* row) {
  const std::string record = HostRecord(evidence);
  if (IsHostAlone(evidence) && record.size() <= kMaxString) {
    row->publish.push_back({TxtOf(evidence), InQuotes(record)});
    return;
  }
  row->advice.push_back("Publish an SPF record of " + evidence.helo.domain->ToText() +
                        " that names every server which sends mail under that name, or let the server say a name that "
                        "is its own.");
}

}  // namespace

std::optional<CheckRow> CheckSpfRecord(const AuditEvidence& evidence) {
  if (evidence.addresses.empty() || !IsPublishable(evidence.helo)) return std::nullopt;
  const DnsAnswer* txt = evidence.addresses.front().answers.FindAsked(TxtOf(evidence));
  CheckRow row{CheckId::kSpf, CheckResult::kPass, "", JoinedDnssec({txt})};
  if (txt == nullptr || IsTransient(txt->status)) {
    row.result = UnsettledResult(txt, evidence.resolver_well);
    row.text = UnsettledText(txt, evidence.resolver_well);
    return row;
  }
  const auto records = SpfRecordsOf(*txt);
  if (records.empty()) {
    row.result = CheckResult::kWarn;
    row.text = "there is no record: anybody may say the name";
    AdviseRecord(evidence, &row);
  } else if (records.size() > 1) {
    row.result = CheckResult::kFail;
    row.text = std::to_string(records.size()) + " records, of which one alone is allowed (RFC 7208 section 4.5)";
    row.advice.push_back("Join the SPF records of " + evidence.helo.domain->ToText() + " into one.");
  } else if (const auto record = ParseSpfRecord(records.front()); !record.ok()) {
    row.result = CheckResult::kFail;
    row.text = "the record is broken: " + record.error().ToString();
    row.advice.push_back("Put right the SPF record " + InQuotes(EscapeBytes(records.front(), kMaxShown)) + ".");
  } else {
    row.text = EscapeBytes(records.front(), kMaxShown);
  }
  return row;
}

std::optional<CheckRow> CheckSpfAt(const AuditEvidence& evidence, const AddressEvidence& at) {
  if (!IsPublishable(evidence.helo)) return std::nullopt;
  const DnsAnswer* txt = at.answers.FindAsked(TxtOf(evidence));
  if (txt == nullptr || SpfRecordsOf(*txt).size() != 1) return std::nullopt;
  const SpfEvaluation spf = Evaluated(evidence, at);
  CheckRow row{CheckId::kSpf, CheckResult::kUnknown, "not everything it asks for was looked up", JoinedDnssec({txt})};
  if (!spf.result) return row;
  row.result = ResultOf(*spf.result);
  row.text = std::string(NameOf(*spf.result)) + ": " + spf.why;
  if (*spf.result == SpfResult::kPermerror) {
    row.advice.push_back("Put right the SPF record of " + evidence.helo.domain->ToText() + ": " + spf.why + ".");
  } else if (Refuses(*spf.result)) {
    const std::string more = WithAddresses(spf.record, evidence);
    row.advice.push_back("Let the SPF record of " + evidence.helo.domain->ToText() + " name " + at.address.ToString() +
                         ", or let the server say another name.");
    if (!more.empty()) row.publish.push_back({TxtOf(evidence), InQuotes(more)});
  }
  return row;
}

}  // namespace heloguard
