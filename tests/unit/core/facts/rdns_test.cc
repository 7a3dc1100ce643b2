// Reverse DNS: the four results of RFC 8601 section 3 and the DNSSEC state of RFC 4033 section 5, as a table.
#include <gtest/gtest.h>

#include "dns_text.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

constexpr std::string_view kClient = "192.0.2.7";

SessionInputs ClientInputs(std::string_view client = kClient) {
  SessionInputs inputs;
  inputs.client = Ip(client);
  inputs.client_known = true;
  inputs.own = std::make_shared<const OwnIdentity>();
  return inputs;
}

struct Row {
  std::string_view what;
  std::vector<std::pair<DnsQuestion, DnsAnswer>> answers;
  std::string_view status;  // "": unknown
  std::string_view dnssec;  // "": unknown
  std::vector<std::string> verified;
};

std::string Text(FactId id, const Facts& facts) {
  return facts[id].has_value() ? ValueTexts(SpecOf(id), facts[id]).front() : "";
}

std::vector<Row> Rows() {
  const auto secure = Dnssec::kSecure;
  const DnsQuestion ptr = Ptr(kClient);
  return {
      {"nothing asked", {}, "", "", {}},
      {"not asked", {{ptr, End(DnsStatus::kNotAsked)}}, "", "", {}},
      // RFC 8601 section 3: no PTR data is permerror, whether the name is missing or only the record.
      {"no name", {{ptr, End(DnsStatus::kNxDomain)}}, "permerror", "insecure", {}},
      {"no record", {{ptr, End(DnsStatus::kNoData)}}, "permerror", "insecure", {}},
      {"signed denial", {{ptr, End(DnsStatus::kNxDomain, secure)}}, "permerror", "secure", {}},
      // RFC 8601 section 3: temperror for what a later try may settle.
      {"PTR timeout", {{ptr, End(DnsStatus::kTimeout)}}, "temperror", "", {}},
      {"PTR servfail", {{ptr, End(DnsStatus::kServFail)}}, "temperror", "", {}},
      {"PTR bogus", {{ptr, End(DnsStatus::kBogus)}}, "temperror", "bogus", {}},
      {"pass",
       {{ptr, Names({"a.example"})}, {A("a.example"), Addresses({kClient})}},
       "pass",
       "insecure",
       {"a.example"}},
      {"pass, all secure",
       {{ptr, Names({"a.example"}, secure)}, {A("a.example"), Addresses({kClient}, secure)}},
       "pass",
       "secure",
       {"a.example"}},
      {"pass, PTR secure only",
       {{ptr, Names({"a.example"}, secure)}, {A("a.example"), Addresses({kClient})}},
       "pass",
       "insecure",
       {"a.example"}},
      {"pass, forward secure only",
       {{ptr, Names({"a.example"})}, {A("a.example"), Addresses({kClient}, secure)}},
       "pass",
       "insecure",
       {"a.example"}},
      {"mismatch", {{ptr, Names({"a.example"})}, {A("a.example"), Addresses({"192.0.2.70"})}}, "fail", "insecure", {}},
      // RFC 8601 section 3: a forward lookup without data is fail as well.
      {"forward NXDOMAIN",
       {{ptr, Names({"a.example"})}, {A("a.example"), End(DnsStatus::kNxDomain)}},
       "fail",
       "insecure",
       {}},
      {"forward NODATA",
       {{ptr, Names({"a.example"})}, {A("a.example"), End(DnsStatus::kNoData)}},
       "fail",
       "insecure",
       {}},
      {"forward timeout",
       {{ptr, Names({"a.example"})}, {A("a.example"), End(DnsStatus::kTimeout)}},
       "temperror",
       "",
       {}},
      {"forward bogus",
       {{ptr, Names({"a.example"})}, {A("a.example"), End(DnsStatus::kBogus)}},
       "temperror",
       "bogus",
       {}},
      {"forward not asked", {{ptr, Names({"a.example"})}, {A("a.example"), End(DnsStatus::kNotAsked)}}, "", "", {}},
      {"second of two matches",
       {{ptr, Names({"a.example", "b.example"})},
        {A("a.example"), Addresses({"192.0.2.70"})},
        {A("b.example"), Addresses({"192.0.2.9", kClient})}},
       "pass",
       "insecure",
       {"b.example"}},
      {"one matches, the other's server is down: pass all the same",
       {{ptr, Names({"a.example", "b.example"})},
        {A("a.example"), End(DnsStatus::kServFail)},
        {A("b.example"), Addresses({kClient})}},
       "pass",
       "insecure",
       {"b.example"}},
      {"none matches, one server is down: may yet be verified",
       {{ptr, Names({"a.example", "b.example"})},
        {A("a.example"), End(DnsStatus::kServFail)},
        {A("b.example"), Addresses({"192.0.2.70"})}},
       "temperror",
       "",
       {}},
      {"none matches, one was over the cap: not settled",
       {{ptr, Names({"a.example", "b.example"})}, {A("a.example"), Addresses({"192.0.2.70"})}},
       "",
       "",
       {}},
  };
}

TEST(Rdns, TableOfResults) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.what);
    DnsAnswers answers;
    for (const auto& [question, answer] : row.answers) answers.Set(question, answer);
    const Facts facts = BuildFacts(kAllFacts, ClientInputs(), answers);
    EXPECT_EQ(Text(FactId::kRdnsStatus, facts), row.status);
    EXPECT_EQ(Text(FactId::kRdnsDnssec, facts), row.dnssec);
    const Fact& names = facts[FactId::kRdnsName];
    EXPECT_EQ(names.has_value() ? names.names() : std::vector<std::string>{}, row.verified);
  }
}

TEST(Rdns, TransientResultsAreMarked) {
  DnsAnswers answers;
  answers.Set(Ptr(kClient), End(DnsStatus::kBogus));
  const Facts facts = BuildFacts(kAllFacts, ClientInputs(), answers);
  EXPECT_EQ(facts[FactId::kRdnsStatus].state(), FactState::kTransient);
  EXPECT_EQ(facts[FactId::kRdnsDnssec].state(), FactState::kTransient);
}

TEST(Rdns, Ipv6AsksForAaaaOnly) {
  DnsAnswers answers;
  answers.Set(Ptr("2001:db8::7"), Names({"six.example"}));
  const LookupInputs inputs{Ip("2001:db8::7"), std::nullopt};
  EXPECT_EQ(NextQuestions(LookupsKeyedBy(LookupKey::kClient), inputs, answers, {}), std::vector{Aaaa("six.example")});
  answers.Set(Aaaa("six.example"), Addresses({"2001:db8::7"}));
  EXPECT_EQ(Text(FactId::kRdnsStatus, BuildFacts(kAllFacts, ClientInputs("2001:db8::7"), answers)), "pass");
}

TEST(Rdns, SomeVerifiedNamesLeaveOthersOpen) {
  DnsAnswers answers;
  answers.Set(Ptr(kClient), Names({"a.example", "b.example"}));
  answers.Set(A("a.example"), Addresses({kClient}));
  answers.Set(A("b.example"), End(DnsStatus::kTimeout));
  const Facts facts = BuildFacts(kAllFacts, ClientInputs(), answers);
  EXPECT_EQ(facts[FactId::kRdnsName].state(), FactState::kTransient);
  EXPECT_EQ(facts[FactId::kRdnsName].names(), std::vector<std::string>{"a.example"});
}

TEST(Rdns, ClientWithoutAddressHasNoReverseDns) {
  SessionInputs inputs = ClientInputs();
  inputs.client.reset();
  const Facts facts = BuildFacts(kAllFacts, inputs, {});
  for (FactId id :
       {FactId::kRdnsStatus, FactId::kRdnsName, FactId::kRdnsPtr, FactId::kRdnsTraits, FactId::kRdnsDnssec}) {
    EXPECT_EQ(facts[id].state(), FactState::kNotApplicable) << SpecOf(id).name;
  }
}

// Told by hand: what a name and a status imply, and no more.
TEST(Rdns, SuppliedByHand) {
  struct Case {
    std::optional<DomainName> name;
    std::optional<RdnsStatus> status;
    FactState status_state, name_state, ptr_state;
  };
  const auto known = FactState::kKnown, unknown = FactState::kUnknown, none = FactState::kNotApplicable;
  const std::vector<Case> cases{
      {Name("a.example"), RdnsStatus::kPass, known, known, known},
      {Name("a.example"), RdnsStatus::kFail, known, none, known},
      {Name("a.example"), std::nullopt, unknown, unknown, known},
      {Name("a.example"), RdnsStatus::kTemperror, FactState::kTransient, unknown, known},
      {std::nullopt, RdnsStatus::kPermerror, known, none, none},
      {std::nullopt, RdnsStatus::kFail, known, none, unknown},
      {std::nullopt, RdnsStatus::kPass, known, unknown, unknown},  // there is a name, only which one is not known
      {std::nullopt, std::nullopt, unknown, unknown, unknown},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    SessionInputs inputs = ClientInputs();
    inputs.rdns = SuppliedRdns{cases[i].name, cases[i].status};
    const Facts facts = BuildFacts(kAllFacts, inputs, {});
    EXPECT_EQ(facts[FactId::kRdnsStatus].state(), cases[i].status_state);
    EXPECT_EQ(facts[FactId::kRdnsName].state(), cases[i].name_state);
    EXPECT_EQ(facts[FactId::kRdnsPtr].state(), cases[i].ptr_state);
    EXPECT_EQ(facts[FactId::kRdnsDnssec].state(), unknown);
  }
}

}  // namespace
}  // namespace heloguard
