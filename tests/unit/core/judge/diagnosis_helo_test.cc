// What is said of a HELO name in which situation, word by word, and what of a session as a whole. RFC 5321 sections
// 2.3.5 and 4.1.4.
#include <gtest/gtest.h>

#include "diagnosis_situations.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

std::vector<Situation> HeloNames() {
  const Book good{{Ptr(kV4), Names({"mail.corp.com"})}, {A("mail.corp.com"), Addresses({kV4})}};
  const Book pool{{Ptr(kV4), Names({"dsl-192-0-2-7.isp.net"})}, {A("dsl-192-0-2-7.isp.net"), Addresses({kV4})}};
  const Book other = Said("out.corp.com", Addresses({"192.0.2.10"}), kNone);
  const std::string out = "out.corp.com. A: The HELO name out.corp.com ";
  const std::string allowed =
      "has the address 192.0.2.10, not 192.0.2.7: that alone is no reason to refuse (RFC 5321 section 4.1.4), but ";
  const std::string publish =
      "whoever runs corp.com has to publish \"out.corp.com. A 192.0.2.7\", or the server has to say in HELO a name "
      "that has this address.";
  const std::string say = "let the server say its verified name mail.corp.com in HELO.";
  return {
      {"does not exist",
       kV4,
       "out.corp.com",
       good + Said("out.corp.com", kGone, kGone, kGone),
       {"! " + out + "does not exist in DNS: " + say}},
      {"has no address",
       kV4,
       "out.corp.com",
       good + Said("out.corp.com", kNone, kNone),
       {"! " + out + "has no address: " + say}},
      {"does not exist, and the verified name is a pool's",
       kV4,
       "out.corp.com",
       pool + Said("out.corp.com", kGone, kGone),
       {"! " + out + "does not exist in DNS: " + publish}},
      {"another address",
       kV4,
       "out.corp.com",
       good + other,
       {"- " + out + allowed + "the server's verified name mail.corp.com would be better in HELO."}},
      {"another address, and nothing better is known",
       kV4,
       "out.corp.com",
       other,
       {"- " + out + allowed + "a name that has 192.0.2.7 would be better in HELO."}},
      {"the other family only",
       kV4,
       "out.corp.com",
       good + Said("out.corp.com", kNone, Addresses({kV6})),
       {"- " + out +
        "has no IPv4 address: that alone is no reason to refuse (RFC 5321 section 4.1.4), but the server's "
        "verified name mail.corp.com would be better in HELO."}},
      {"another domain",
       kV4,
       "mail.shop.org",
       good + Said("mail.shop.org", Addresses({kV4}), kNone),
       {"- 7.2.0.192.in-addr.arpa. PTR: The HELO name mail.shop.org is of another domain than the server's verified "
        "name "
        "mail.corp.com: that alone is no reason to refuse, but better would be \"7.2.0.192.in-addr.arpa. PTR "
        "mail.shop.org.\", which whoever runs the address block can publish."}},
      {"a single label",
       kV4,
       "friend",
       good + Said("friend", kGone, kGone),
       {"! friend. A: The HELO name friend is not a full host name of the public DNS: " + say}},
      {"localhost",
       kV4,
       "localhost",
       Said("localhost", Addresses({"127.0.0.1"}), Addresses({"::1"})),
       {"! localhost. A: The HELO name localhost is not a full host name of the public DNS: let the server say in HELO "
        "its full name, one that has the address 192.0.2.7."}},
  };
}

std::vector<Situation> UnsettledHeloNames() {
  const Book good{{Ptr(kV4), Names({"mail.corp.com"})}, {A("mail.corp.com"), Addresses({kV4})}};
  const std::string out = "out.corp.com. A: The HELO name out.corp.com ";
  const std::string publish =
      "whoever runs corp.com has to publish \"out.corp.com. A 192.0.2.7\", or the server has to say in HELO a name "
      "that has this address.";
  return {
      {"bogus",
       kV4,
       "out.corp.com",
       good + Said("out.corp.com", Bogus("no keys\\x0a"), Bogus("no keys"), kNone),
       {"? out.corp.com. A: DNSSEC validation of the HELO name out.corp.com (A and AAAA) fails (no keys\\x0a): whoever "
        "runs "
        "corp.com "
        "has to sign the zone anew or put right its DS record at the parent, unless our own clock or trust anchor is "
        "wrong."}},
      {"timeout of one family",
       kV4,
       "out.corp.com",
       good + Said("out.corp.com", kGone, kTimeout),
       {"? out.corp.com. AAAA: No answer about the HELO name out.corp.com (AAAA) came in time: whoever runs corp.com "
        "has to "
        "see "
        "to its name servers, unless our own resolver is slow."}},
      {"what is wrong comes first",
       kV4,
       "out.corp.com",
       Book{{Ptr(kV4), kServFail}} + Said("out.corp.com", kGone, kGone, kGone),
       {"! " + out + "does not exist in DNS: " + publish,
        "? 7.2.0.192.in-addr.arpa. PTR: There is no usable answer about the reverse DNS of 192.0.2.7 (SERVFAIL): "
        "whoever "
        "runs the address block has to see to its name servers and CNAME records, unless our own resolver is at "
        "fault."}},
  };
}

TEST(Diagnosis, HeloName) { ExpectLines(HeloNames()); }
TEST(Diagnosis, HeloNameThatIsNotSettled) { ExpectLines(UnsettledHeloNames()); }

TEST(Diagnosis, WhereNothingAnswersOurOwnResolverIsNamedFirst) {
  const SessionInputs inputs = Inputs(kV4, "out.corp.com");
  const auto none = Found(inputs, Book{{Ptr(kV4), kTimeout}} + Said("out.corp.com", kServFail, kTimeout, kTimeout));
  ASSERT_EQ(none.size(), 4U);
  EXPECT_EQ(none[0].text,
            "Nothing that was looked up was answered: check our own resolver and network before blaming the sender.");
  const auto bogus = Found(inputs, Book{{Ptr(kV4), Bogus("")}} + Said("out.corp.com", Bogus(""), Bogus(""), Bogus("")));
  ASSERT_EQ(bogus.size(), 3U);
  EXPECT_EQ(bogus[0].text,
            "Nothing that was looked up validates: check our own clock, trust anchor and resolver before blaming the "
            "sender.");
  // One answer shows that ours works.
  const auto one = Found(inputs, Book{{Ptr(kV4), kTimeout}} + Said("out.corp.com", kServFail, kServFail, kNone));
  EXPECT_EQ(one.size(), 2U);
}

TEST(Diagnosis, WhatWasToldByHandIsNotJudged) {
  SessionInputs inputs = Inputs(kV4, "");
  for (const RdnsStatus status :
       {RdnsStatus::kPass, RdnsStatus::kFail, RdnsStatus::kPermerror, RdnsStatus::kTemperror}) {
    inputs.rdns = SuppliedRdns{std::nullopt, status};
    EXPECT_EQ(Lines(Found(inputs, DnsAnswers())), std::vector<std::string>{});
    inputs.rdns = SuppliedRdns{Name("mail.corp.com"), status};
    EXPECT_EQ(Lines(Found(inputs, DnsAnswers())), std::vector<std::string>{});
  }
}

TEST(Diagnosis, ClientWithoutAddressHasNone) {
  SessionInputs inputs = Inputs(kV4, "out.corp.com");
  inputs.client.reset();
  EXPECT_TRUE(Found(inputs, Said("out.corp.com", kGone, kGone)).empty());
}

}  // namespace
}  // namespace heloguard
