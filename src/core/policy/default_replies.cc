// The words of a refusal whose rule brings none (check_context.h): a table from what the rule asks to what its sender
// should read. Enhanced codes: X.7.23 SPF and X.7.25 reverse DNS (RFC 7372), X.5.2 syntax, X.5.1 sequence, X.7.1 policy
// (RFC 3463). Tests: tests/unit/core/policy/reply_template_test.cc.
#include <algorithm>

#include "core/policy/check_context.h"
#include "heloguard/dns/spf.h"
#include "heloguard/facts/build_facts.h"
#include "heloguard/policy/reply_template.h"

namespace heloguard {
namespace {

template <class E>
constexpr std::uint32_t Words(std::initializer_list<E> words) {
  return EnumSet<E>(words).bits();
}

// Fits a condition on `fact` that names no other words than these; 0 fits any.
struct Row {
  FactId fact;
  std::uint32_t words;
  ReplyTemplate::Words reply;
};
using K = HeloKind;
using T = NameTrait;
using F = ReplyTemplate::Findings;

// The first row that fits one of a rule's conditions gives its reply: the clearest thing to mend comes first. Each says
// what is wrong and how to right it; the findings behind it name the very record.
constexpr Row kRows[] = {
    {FactId::kHeloKind,
     Words({K::kBareIpv4, K::kBareIpv6}),
     {"5.2",
      "HELO {helo} is an IP address without brackets: say the server's full host name (RFC 5321 section 4.1.3)"}},
    {FactId::kHeloKind,
     Words({K::kMissing}),
     {"5.1", "No HELO or EHLO was sent before MAIL: a mail server has to send one (RFC 5321 section 4.1.4)"}},
    {FactId::kHeloKind,
     Words({K::kSingleLabel}),
     {"5.2", "HELO {helo} is not a full host name: say the one the server has in DNS (RFC 5321 section 2.3.5)"}},
    {FactId::kHeloKind,
     Words({K::kMalformed, K::kMissing, K::kOtherLiteral}),
     {"5.2",
      "HELO {helo} is not a valid host name or address literal: say the server's full host name (RFC 5321 section "
      "4.1.1.1)"}},
    {FactId::kHeloFlaws,
     0,
     {"5.2",
      "HELO {helo} is not a valid name of a host on the Internet: say the server's full host name (RFC 5321 section "
      "2.3.5)"}},
    {FactId::kHeloLiteral,
     Words({LiteralMatch::kMismatch}),
     {"7.1", "The address in HELO {helo} is not the client's address {client}: say the server's full host name"}},
    {FactId::kHeloTraits,
     Words({T::kOurs}),
     {"7.1", "HELO {helo} is the name or address of this server: {client} has to say its own"}},
    {FactId::kHeloTraits,
     Words({T::kLocalhost}),
     {"7.1", "HELO {helo} means the local machine: say the public host name of {client}"}},
    {FactId::kHeloTraits,
     Words({T::kSpecialUse, T::kPrivateAddress, T::kLocalhost}),
     {"7.1", "HELO {helo} has no meaning on the Internet: say the public host name of {client}"}},
    {FactId::kHeloTraits,
     Words({T::kEmbedsClientIp}),
     {"7.1", "HELO {helo} is a generic name made of the address {client}: give the mail server a name of its own"}},
    {FactId::kRdnsStatus,
     Words({RdnsStatus::kPermerror}),
     {"7.25", "No PTR record for {client}: publish one that names the mail server", F::kReverseDns}},
    {FactId::kRdnsStatus,
     Words({RdnsStatus::kFail}),
     {"7.25",
      "The PTR name {rdns} of {client} does not lead back to that address: correct its address or the PTR record",
      F::kReverseDns}},
    {FactId::kRdnsStatus,
     Words({RdnsStatus::kFail, RdnsStatus::kPermerror, RdnsStatus::kTemperror}),
     {"7.25", "The reverse DNS of {client} (PTR {rdns}) does not verify: its PTR name has to lead back to that address",
      F::kReverseDns}},
    {FactId::kRdnsDnssec,
     Words({Dnssec::kBogus}),
     {"7.25", "The reverse DNS of {client} fails DNSSEC validation: its zone has to be signed anew", F::kReverseDns}},
    {FactId::kHeloDnssec,
     Words({Dnssec::kBogus}),
     {"7.1", "The DNS records of HELO {helo} fail DNSSEC validation: the zone has to be signed anew", F::kHeloName}},
    {FactId::kHeloAddress,
     Words({HeloAddress::kNxDomain, HeloAddress::kNoData}),
     {"7.1", "HELO {helo} has no address record in DNS: publish one, or say another name", F::kHeloName}},
    {FactId::kHeloAddress,
     Words({HeloAddress::kMismatch}),
     {"7.1", "HELO {helo} does not lead to the client's address {client}: say a name that does", F::kHeloName}},
    {FactId::kRdnsTraits,
     0,
     {"7.1", "The reverse DNS name {rdns} of {client} is not that of a mail server: give it a name of its own"}},
    {FactId::kHeloRdns,
     Words({Agreement::kDifferent}),
     {"7.1", "HELO {helo} is of another organisation than the reverse DNS name {rdns} of {client}: make them agree",
      F::kAll}},
    {FactId::kHeloPtr,
     Words({Agreement::kDifferent}),
     {"7.1", "HELO {helo} is of another organisation than the reverse DNS name {rdns} of {client}: make them agree",
      F::kAll}},
    {FactId::kSpfHelo,
     Words({SpfResult::kFail, SpfResult::kSoftfail}),
     {"7.23", "The SPF record of HELO {helo} does not let {client} use that name: add the address to it"}},
    {FactId::kHeloName, 0, {"7.1", "HELO {helo} is a name that this site does not accept mail from"}},
    {FactId::kRdnsName,
     0,
     {"7.1", "The reverse DNS name {rdns} of {client} is one that this site does not accept mail from"}},
    {FactId::kRdnsPtr,
     0,
     {"7.1", "The reverse DNS name {rdns} of {client} is one that this site does not accept mail from"}},
    {FactId::kClientAddress,
     0,
     {"7.1", "The client's address {client} is one that this site does not accept mail from"}},
};

bool Fits(const Row& row, const Condition& condition) {
  return condition.fact == row.fact && (row.words == 0 || (condition.mask & ~row.words) == 0);
}

bool Fits(const Row& row, const Rule& rule) {
  const auto fits = [&row](const Condition& condition) { return Fits(row, condition); };
  const auto fits_alternative = [&fits](const auto& alternative) { return std::ranges::any_of(alternative, fits); };
  return std::ranges::any_of(rule.when, fits) ||
         (!rule.any.empty() && std::ranges::all_of(rule.any, fits_alternative));  // whichever of them holds
}

}  // namespace

ReplyTemplate DefaultReplyFor(const Rule& rule) {
  const Outcome outcome = *SpecOf(rule.action).outcome;
  const auto* const row = std::ranges::find_if(kRows, [&rule](const Row& each) { return Fits(each, rule); });
  if (row == std::end(kRows)) return ReplyTemplate::Default(ReplyTemplate::Subject::kPolicy, outcome);
  return ReplyTemplate::Default(row->reply, outcome);
}

}  // namespace heloguard
