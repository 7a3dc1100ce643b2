// What the HELO name says of itself in DNS, as tables.
#include <gtest/gtest.h>

#include "dns_text.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

constexpr std::string_view kClient = "192.0.2.7";
constexpr std::string_view kHelo = "mail.example.org";

SessionInputs Said(std::string_view helo) {
  SessionInputs inputs;
  inputs.client = Ip(kClient);
  inputs.client_known = true;
  inputs.own = std::make_shared<const OwnIdentity>();
  inputs.helo = ParseHelo(helo);
  return inputs;
}

std::string Shown(FactId id, const SessionInputs& inputs, const DnsAnswers& answers) {
  const Fact fact = BuildFacts(FactSet{id}, inputs, answers)[id];
  switch (fact.state()) {
    case FactState::kUnknown:
      return "unknown";
    case FactState::kNotApplicable:
      return "n/a";
    case FactState::kTransient:
      return "~" + ValueTexts(SpecOf(id), fact).front();
    case FactState::kKnown:
      break;
  }
  return ValueTexts(SpecOf(id), fact).front();
}

TEST(HeloAddress, BothFamiliesAreJoinedBeforeJudging) {
  struct Row {
    DnsAnswer a, aaaa;
    std::string_view address, dnssec;
  };
  const auto secure = Dnssec::kSecure;
  const std::vector<Row> rows{
      {Addresses({kClient}), End(DnsStatus::kNoData), "match", "insecure"},
      {Addresses({kClient}, secure), End(DnsStatus::kNoData, secure), "match", "secure"},
      {Addresses({kClient}), End(DnsStatus::kTimeout), "match", "unknown"},
      {Addresses({"192.0.2.8"}), End(DnsStatus::kNoData), "mismatch", "insecure"},
      {End(DnsStatus::kNoData), Addresses({"2001:db8::1"}), "mismatch", "insecure"},
      {End(DnsStatus::kNoData), End(DnsStatus::kNoData), "nodata", "insecure"},
      {End(DnsStatus::kNxDomain), End(DnsStatus::kNxDomain), "nxdomain", "insecure"},
      {End(DnsStatus::kNxDomain, secure), End(DnsStatus::kNxDomain, secure), "nxdomain", "secure"},
      {Addresses({"192.0.2.8"}), End(DnsStatus::kServFail), "~temperror", "unknown"},
      {End(DnsStatus::kTimeout), End(DnsStatus::kNxDomain), "~temperror", "unknown"},
      {End(DnsStatus::kBogus), End(DnsStatus::kNoData), "~bogus", "~bogus"},
      {End(DnsStatus::kNotAsked), End(DnsStatus::kNotAsked), "unknown", "unknown"},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    DnsAnswers answers;
    answers.Set(A(kHelo), rows[i].a);
    answers.Set(Aaaa(kHelo), rows[i].aaaa);
    EXPECT_EQ(Shown(FactId::kHeloAddress, Said(kHelo), answers), rows[i].address);
    EXPECT_EQ(Shown(FactId::kHeloDnssec, Said(kHelo), answers), rows[i].dnssec);
  }
}

TEST(HeloAddress, OneFamilyAloneSettlesOnlyAMatch) {
  DnsAnswers answers;
  answers.Set(A(kHelo), Addresses({"192.0.2.8"}));
  EXPECT_EQ(Shown(FactId::kHeloAddress, Said(kHelo), answers), "unknown");
  answers.Set(A(kHelo), Addresses({kClient}));
  EXPECT_EQ(Shown(FactId::kHeloAddress, Said(kHelo), answers), "match");
}

TEST(HeloFacts, DoNotApplyToWhatIsNoName) {
  for (std::string_view helo : {"[192.0.2.7]", "192.0.2.7", "", "a b"}) {
    for (FactId id :
         {FactId::kHeloAddress, FactId::kHeloDnssec, FactId::kHeloMx, FactId::kHeloRdns, FactId::kHeloPtr}) {
      EXPECT_EQ(Shown(id, Said(helo), {}), "n/a") << helo << ' ' << SpecOf(id).name;
    }
  }
}

TEST(HeloMx, PresentNullNone) {
  const auto mx = [](const DnsAnswer& answer) {
    DnsAnswers answers;
    answers.Set(Mx(kHelo), answer);
    return Shown(FactId::kHeloMx, Said(kHelo), answers);
  };
  EXPECT_EQ(mx(Data({MxRecord{10, Name("mx.example.org")}})), "present");
  EXPECT_EQ(mx(Data({MxRecord{0, {}}})), "null");
  EXPECT_EQ(mx(Data({MxRecord{0, {}}, MxRecord{10, Name("mx.example.org")}})), "present");
  EXPECT_EQ(mx(End(DnsStatus::kNoData)), "none");
  EXPECT_EQ(mx(End(DnsStatus::kServFail)), "~temperror");
}

TEST(HeloRdns, AgreesWithVerifiedNamesOnly) {
  DnsAnswers answers;
  answers.Set(Ptr(kClient), Names({"mail.example.org"}));
  answers.Set(A(kHelo), Addresses({"192.0.2.8"}));
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said(kHelo), answers), "n/a");
  EXPECT_EQ(Shown(FactId::kHeloPtr, Said(kHelo), answers), "same");
  answers.Set(A(kHelo), Addresses({kClient}));
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said(kHelo), answers), "same");
  // A trailing dot or capitals make no other name.
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said("MAIL.example.org."), answers), "same");
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said("out.example.org"), answers), "same-domain");
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said("mail.example.net"), answers), "different");
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said("friend"), answers), "different");
}

TEST(HeloRdns, PublicSuffixIsNoSharedOrganisation) {
  DnsAnswers answers;
  answers.Set(Ptr(kClient), Names({"a.co.uk"}));
  answers.Set(A("a.co.uk"), Addresses({kClient}));
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said("b.co.uk"), answers), "different");
}

TEST(HeloRdns, ABetterAgreementMayStillCome) {
  DnsAnswers answers;
  answers.Set(Ptr(kClient), Names({"a.example.net", "mail.example.org"}));
  answers.Set(A("a.example.net"), Addresses({kClient}));
  answers.Set(A("mail.example.org"), End(DnsStatus::kTimeout));
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said(kHelo), answers), "unknown");
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said("a.example.net"), answers), "same");
}

TEST(HeloRdns, UnknownWhileReverseDnsIs) {
  DnsAnswers answers;
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said(kHelo), answers), "unknown");
  answers.Set(Ptr(kClient), End(DnsStatus::kServFail));
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said(kHelo), answers), "unknown");
  EXPECT_EQ(Shown(FactId::kHeloPtr, Said(kHelo), answers), "unknown");
  answers.Set(Ptr(kClient), End(DnsStatus::kNxDomain));
  EXPECT_EQ(Shown(FactId::kHeloRdns, Said(kHelo), answers), "n/a");
  EXPECT_EQ(Shown(FactId::kHeloPtr, Said(kHelo), answers), "n/a");
}

}  // namespace
}  // namespace heloguard
