// What an audit of a sender's HELO name finds, as values: rows of checks, and what to publish.
//
// Every text is one line of printable ASCII; names of any bytes are escaped in it.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "heloguard/base/enum_set.h"
#include "heloguard/judge/diagnosis.h"
#include "heloguard/policy/action.h"

namespace heloguard {

// In the order of weight.
enum class CheckResult : std::uint8_t {
  kPass,
  kUnknown,  // a lookup or a server did not answer, or was not asked
  kWarn,     // nothing to be refused for alone
  kFail,
};
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<CheckResult>{"pass", "unknown", "warn", "fail"};

enum class CheckId : std::uint8_t {
  kName,
  kDomain,
  kLook,
  kAddresses,
  kMx,
  kSpf,  // of the name
  kPtr,
  kForward,
  kAgreement,
  kPolicy,  // of the name at one address
  kConnection,
  kGreeting,
  kEhlo,  // of a server asked for its own name
  kSaid,
  kClient,  // of a client that was heard
};
template <>
inline constexpr std::array<std::string_view, 15> EnumNames<CheckId>{
    "name",      "domain", "look",       "addresses", "mx",   "spf",  "ptr",   "forward",
    "agreement", "policy", "connection", "greeting",  "ehlo", "said", "client"};

// A rule that spoke against the sender, or for it.
struct Charge {
  std::string rule;
  ActionKind action = ActionKind::kScore;
  double score = 0;
};

// What a receiver with one policy would answer.
struct Answered {
  std::string policy;
  Outcome outcome = Outcome::kAccept;
  Outcome worst = Outcome::kAccept;  // were everything unknown to turn out badly
  std::optional<std::string> rule;   // that decided
  double score = 0;
  std::optional<double> reject_from;  // the threshold of the sum
  std::vector<Charge> charges;        // in the order of the policy
  std::string reply;                  // "" if it accepts
};

// One line of a zone file.
struct ZoneLine {
  DnsQuestion record;
  std::string data;
  friend bool operator==(const ZoneLine&, const ZoneLine&) = default;
};

struct CheckRow {
  CheckId check = CheckId::kName;
  CheckResult result = CheckResult::kPass;
  std::string text;
  std::optional<Dnssec> dnssec = std::nullopt;      // of every lookup it rests on, together
  std::vector<std::string> advice = {};             // sentences: what to put right
  std::vector<ZoneLine> publish = {};               // with these the check would pass
  std::optional<Answered> answered = std::nullopt;  // of kPolicy
};

struct CheckSection {
  std::string title;
  std::string subject;  // an address, a server; "" for the name
  std::vector<CheckRow> rows;
};

struct AuditReport {
  std::string name;  // escaped
  std::vector<CheckSection> sections;
  std::size_t left_out = 0;  // addresses that were not looked at
  bool unreachable = false;  // a server that was to be asked could not be
  bool offline = false;
};

// The worst of all rows.
[[nodiscard]] CheckResult WorstOf(const AuditReport& report);
[[nodiscard]] std::size_t CountOf(const AuditReport& report, CheckResult result);

}  // namespace heloguard
