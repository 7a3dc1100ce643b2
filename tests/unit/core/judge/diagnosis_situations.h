// Situations of a session and what a diagnosis says of them, for tables of tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dns_text.h"
#include "heloguard/judge/diagnosis.h"

namespace heloguard::testing {

using Book = std::vector<std::pair<DnsQuestion, DnsAnswer>>;

inline constexpr std::string_view kV4 = "192.0.2.7";
inline constexpr std::string_view kV6 = "2001:db8::7";
inline const std::string kV6Owner = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.";

inline SessionInputs Inputs(std::string_view client, std::string_view helo) {
  SessionInputs inputs;
  inputs.client = Ip(client);
  inputs.client_known = true;
  inputs.own = std::make_shared<const OwnIdentity>();
  if (!helo.empty()) inputs.helo = ParseHelo(helo);
  return inputs;
}

inline std::vector<Finding> Found(const SessionInputs& inputs, const DnsAnswers& answers) {
  const RdnsEvidence rdns = AssessRdns(inputs, answers);
  return Diagnose({inputs, answers, rdns});
}

inline std::vector<Finding> Found(const SessionInputs& inputs, const Book& book) {
  DnsAnswers answers;
  for (const auto& [question, answer] : book) answers.Set(question, answer);
  return Found(inputs, answers);
}

// "! RECORD: SENTENCE" with ! for wrong, ? for unclear, - for advice.
inline std::vector<std::string> Lines(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const Finding& finding : findings) {
    lines.push_back(std::string(1, "!?-"[static_cast<std::size_t>(finding.kind)]) + " " + RecordText(finding.record) +
                    ": " + finding.text);
  }
  return lines;
}

inline DnsAnswer Bogus(std::string why) {
  DnsAnswer answer = End(DnsStatus::kBogus);
  answer.why = std::move(why);
  return answer;
}

inline const DnsAnswer kGone = End(DnsStatus::kNxDomain);
inline const DnsAnswer kNone = End(DnsStatus::kNoData);
inline const DnsAnswer kServFail = End(DnsStatus::kServFail);
inline const DnsAnswer kTimeout = End(DnsStatus::kTimeout);

// What a name in HELO is asked for.
inline Book Said(std::string_view name, DnsAnswer a, DnsAnswer aaaa, DnsAnswer mx = kNone) {
  return {{A(name), std::move(a)}, {Aaaa(name), std::move(aaaa)}, {Mx(name), std::move(mx)}};
}
inline Book operator+(Book left, const Book& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

struct Situation {
  std::string_view what;
  std::string_view client;
  std::string_view helo;
  Book book;
  std::vector<std::string> lines;
};

inline void ExpectLines(const std::vector<Situation>& situations) {
  for (const Situation& situation : situations) {
    SCOPED_TRACE(situation.what);
    EXPECT_EQ(Lines(Found(Inputs(situation.client, situation.helo), situation.book)), situation.lines);
  }
}

}  // namespace heloguard::testing
