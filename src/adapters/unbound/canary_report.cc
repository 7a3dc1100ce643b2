// Judges the resolver by its canaries: RFC 4033 section 5 (states), RFC 4035 sections 3.2.1 (DO), 5.3.1 (time).
// Pure: knows nothing of libunbound but the wording of two reasons. Tests:
// tests/unit/adapters/unbound/canary_look_test.cc, tests/dnsworld/canary_test.cc.
//
// What libunbound 1.17.1 hands out, measured:
//   - A bogus answer comes whole: rcode 0 or 3, its records, and its RRSIGs if the servers sent any, since the library
//     always asks with DO. So a stripped answer is told from a forged one by looking.
//   - Each question about a name below an anchor fetches the anchor's DNSKEY first. If that comes back without RRSIG,
//     as an empty answer, or as SERVFAIL, everything is bogus at once: "no keys have a DS with algorithm ...", "no
//     DNSKEY rrset ... for trust anchor .". The same words stand for a wrong anchor, so they are not gone by.
//   - If DNSKEY is never answered, nothing is, for 38 seconds. Only the same questions without the validator then show
//     that the servers are there; that is what the second context is for.
//   - "signature expired" and "signature before inception date" are its words for time, at whatever zone on the way.
#include "adapters/unbound/canary_report.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

namespace heloguard {
namespace {

using Findings = std::vector<CanaryFinding>;

template <class Predicate>
bool Any(const Findings& findings, Predicate holds) {
  return std::ranges::any_of(findings, holds);
}

bool IsGood(const CanaryFinding& f) { return f.end == CanaryEnd::kAnswered || f.end == CanaryEnd::kSecure; }
bool IsCanary(const CanaryFinding& f) { return !f.is_key; }
bool IsSecureKey(const CanaryFinding& f) { return f.is_key && f.end == CanaryEnd::kSecure; }
// An anchor's keys are signed (RFC 4035 section 2.2), so with their signature the path passes DNSSEC on.
bool IsSignedKey(const CanaryFinding& f) { return f.is_key && f.has_records && f.has_signature; }

bool IsAboutTime(const CanaryFinding& f) {
  constexpr std::array<std::string_view, 2> kReasons{"signature expired", "signature before inception date"};
  const auto named = [&](std::string_view reason) { return f.why_bogus.find(reason) != std::string::npos; };
  return std::ranges::any_of(kReasons, named);
}

// The validated findings that are bogus: canaries, or the anchors' keys if no canary is.
Findings BogusOf(const Findings& findings) {
  Findings bogus;
  for (const bool is_key : {false, true}) {
    if (!bogus.empty()) break;
    std::ranges::copy_if(findings, std::back_inserter(bogus), [&](const CanaryFinding& f) {
      return f.validated && f.end == CanaryEnd::kBogus && f.is_key == is_key;
    });
  }
  return bogus;
}

// Without validation every canary that is answered must exist.
bool IsWell(const Findings& findings) {
  if (Any(findings, [](const CanaryFinding& f) { return f.validated; })) return IsProvenWell(findings);
  return Any(findings, IsGood) && !Any(findings, [](const CanaryFinding& f) { return f.end == CanaryEnd::kDenied; });
}

// REQUIRES: not well.
ResolverState StateOf(const Findings& findings) {
  // A resolver that denies everything, or its own root, answers as well; only records are worth something.
  const auto answered = [](const CanaryFinding& f) {
    return IsCanary(f) && f.has_records && f.end != CanaryEnd::kNone && f.end != CanaryEnd::kDenied;
  };
  const auto validated = [&](const CanaryFinding& f) { return f.validated && answered(f); };
  const bool validating = Any(findings, [](const CanaryFinding& f) { return f.validated; });
  if (!validating || !Any(findings, answered)) return ResolverState::kNoAnswer;
  const bool passed_on = Any(findings, IsSignedKey);
  if (!Any(findings, validated)) return passed_on ? ResolverState::kNoAnswer : ResolverState::kNoRecords;
  const Findings bogus = BogusOf(findings);
  if (!bogus.empty() && std::ranges::all_of(bogus, IsAboutTime)) return ResolverState::kBadClock;
  if (!passed_on) return ResolverState::kNoRecords;
  const bool bare = !Any(bogus, [](const CanaryFinding& f) { return f.has_signature; });
  return bare && Any(findings, IsSecureKey) ? ResolverState::kNoRecords : ResolverState::kBadAnchor;
}

std::string CanaryNames(const Findings& findings) {
  std::string names;
  for (const CanaryFinding& f : findings) {
    const std::string name = f.name.ToText();
    const bool told = (", " + names + ", ").find(", " + name + ", ") != std::string::npos;
    if (IsCanary(f) && !told) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

std::string ReasonOf(const Findings& findings) {
  const Findings bogus = BogusOf(findings);
  return bogus.empty() ? "" : " (" + bogus.front().why_bogus + ")";
}

std::string ClockText(std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return text.data();
}

std::string AnchorText(const Findings& findings, const CanaryWords& words) {
  if (Any(findings, IsSecureKey)) {
    return "no signature of " + CanaryNames(findings) +
           " is good though the trust anchor's are: name zones in dns.health_canaries that validate" +
           ReasonOf(findings);
  }
  return "signatures do not lead to the keys in " + words.anchor + ": put the zone's current keys there" +
         ReasonOf(findings);
}

std::string NoRecordsText(const Findings& findings, const CanaryWords& words) {
  const auto has_keys = [](const CanaryFinding& f) { return f.is_key && f.has_records; };
  const char* lost = Any(findings, has_keys) ? "signatures (RRSIG)" : "keys (DNSKEY)";
  return "DNSSEC " + std::string(lost) + " do not come through from " + words.servers + ": " + words.dnssec_remedy +
         ", or set dns.dnssec = \"off\"";
}

std::string WhyOf(ResolverState state, const Findings& findings, const CanaryWords& words,
                  std::chrono::system_clock::time_point now) {
  switch (state) {
    case ResolverState::kWell:
      return "";
    case ResolverState::kNoAnswer:
      if (Any(findings, [](const CanaryFinding& f) { return f.end == CanaryEnd::kDenied; })) {
        return words.servers + " deny that " + CanaryNames(findings) +
               " exist: they are not resolvers for the Internet; " + words.remedy +
               ", or name zones in dns.health_canaries that they know";
      }
      return "no answer about " + CanaryNames(findings) + " from " + words.servers +
             ": see that this host reaches them, or " + words.remedy;
    case ResolverState::kNoRecords:
      return NoRecordsText(findings, words);
    case ResolverState::kBadClock:
      return "no signature is valid by this host's clock, which says " + ClockText(now) + ": set the clock" +
             ReasonOf(findings);
    case ResolverState::kBadAnchor:
      return AnchorText(findings, words);
  }
  return "";
}

}  // namespace

bool IsProvenWell(const Findings& findings) {
  const auto good = [](const CanaryFinding& f) { return IsCanary(f) && f.validated && IsGood(f); };
  const auto secure = [](const CanaryFinding& f) { return f.validated && f.end == CanaryEnd::kSecure; };
  return Any(findings, good) && Any(findings, secure);
}

CanaryReport ReportOn(const Findings& findings, const CanaryWords& words, std::chrono::system_clock::time_point now) {
  const ResolverState state = IsWell(findings) ? ResolverState::kWell : StateOf(findings);
  return {state, WhyOf(state, findings, words, now)};
}

}  // namespace heloguard
