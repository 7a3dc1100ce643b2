// What the resolver makes of answers from real signed zones, with validation, without it and through a forwarder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "dns_world.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Answers, BogusDataIsDroppedAndItsReasonKept) {
  auto resolver = StartResolver(WorldSettings());
  const DnsAnswer answer = Answer(*resolver, A("mail.brokensig.org"));
  EXPECT_EQ(answer.status, DnsStatus::kBogus);
  EXPECT_EQ(answer.dnssec, Dnssec::kBogus);
  EXPECT_THAT(answer.data, IsEmpty());
  EXPECT_THAT(answer.why, HasSubstr("mail.brokensig.org"));
}

TEST(Answers, ExpiredSignaturesAndAWrongDsAreBogus) {
  auto resolver = StartResolver(WorldSettings());
  EXPECT_EQ(Answer(*resolver, A("mail.oldsigs.org")).status, DnsStatus::kBogus);
  EXPECT_EQ(Answer(*resolver, A("mail.wrongds.org")).status, DnsStatus::kBogus);
  EXPECT_EQ(Answer(*resolver, Mx("nosuchname.oldsigs.org")).status, DnsStatus::kBogus);
}

TEST(Answers, DataIsSortedAndTtlsArePositive) {
  auto resolver = StartResolver(WorldSettings());
  const DnsAnswer answer = Answer(*resolver, A("mail.goodcorp.com"));
  EXPECT_THAT(Texts(answer), ElementsAre("127.0.2.10", "192.0.2.10"));
  EXPECT_GT(answer.ttl, 0U);
  EXPECT_LE(answer.ttl, 300U);
  const DnsAnswer denial = Answer(*resolver, A("gone.goodcorp.com"));
  EXPECT_EQ(denial.status, DnsStatus::kNxDomain);
  EXPECT_EQ(denial.dnssec, Dnssec::kSecure);
  EXPECT_GT(denial.ttl, 0U);
  EXPECT_LE(denial.ttl, 60U);
}

TEST(Answers, NamesForHelo) {
  struct Case {
    DnsQuestion question;
    DnsStatus status;
    Dnssec dnssec;
  };
  using Status = DnsStatus;
  using State = Dnssec;
  const std::vector<Case> cases{
      {Mx("mail.goodcorp.com"), Status::kNoData, State::kSecure},
      {Aaaa("mail.goodcorp.com"), Status::kAnswer, State::kSecure},
      {Aaaa("goodcorp.com"), Status::kNoData, State::kSecure},
      {A("mail.plainhost.net"), Status::kAnswer, State::kInsecure},
      {Aaaa("mail.plainhost.net"), Status::kAnswer, State::kInsecure},
      {A("v6only.goodcorp.com"), Status::kNoData, State::kSecure},
      {Aaaa("v6only.goodcorp.com"), Status::kAnswer, State::kSecure},
      {Aaaa("v4only.goodcorp.com"), Status::kNoData, State::kSecure},
      {A("txtonly.goodcorp.com"), Status::kNoData, State::kSecure},
      {Aaaa("gone.goodcorp.com"), Status::kNxDomain, State::kSecure},
      {A("gone.plainhost.net"), Status::kNxDomain, State::kInsecure},
      {A("nullmx.org"), Status::kAnswer, State::kSecure},
      {Aaaa("mail.brokensig.org"), Status::kBogus, State::kBogus},
      {Mx("mail.brokensig.org"), Status::kNoData, State::kSecure},
      {Mx("mail.oldsigs.org"), Status::kBogus, State::kBogus},
      {Mx("mail.wrongds.org"), Status::kBogus, State::kBogus},
      {A("mail.refused-dns.net"), Status::kServFail, State::kIndeterminate},
      {A("mail.servfail-dns.org"), Status::kServFail, State::kIndeterminate},
  };
  auto resolver = StartResolver(WorldSettings());
  for (const Case& c : cases) {
    const DnsAnswer answer = Answer(*resolver, c.question);
    EXPECT_EQ(NameOf(answer.status), NameOf(c.status)) << c.question.name.ToText() << " " << NameOf(c.question.type);
    EXPECT_EQ(NameOf(answer.dnssec), NameOf(c.dnssec)) << c.question.name.ToText() << " " << NameOf(c.question.type);
  }
}

TEST(Answers, MailExchangers) {
  auto resolver = StartResolver(WorldSettings());
  EXPECT_THAT(Texts(Answer(*resolver, Mx("goodcorp.com"))), ElementsAre("10 mail.goodcorp.com."));
  EXPECT_THAT(Texts(Answer(*resolver, Mx("nullmx.org"))), ElementsAre("0 ."));
  EXPECT_EQ(Answer(*resolver, Mx("txtonly.goodcorp.com")).status, DnsStatus::kNoData);
  EXPECT_EQ(Answer(*resolver, Mx("gone.plainhost.net")).dnssec, Dnssec::kInsecure);
}

TEST(Answers, HostileBytesArriveAsTheyAre) {
  auto resolver = StartResolver(WorldSettings());
  const DnsAnswer answer = Answer(*resolver, Ptr("192.0.2.25"));
  ASSERT_EQ(answer.data.size(), 1U);
  const auto& name = std::get<DomainName>(answer.data[0]);
  EXPECT_EQ(name.labels()[0], std::string("evil x.y\r\nx-header: a\0%s\xC8", 25));
  EXPECT_EQ(name.labels().size(), 3U);
}

// The wildcard answers whatever label is asked for: what comes back proves which labels were asked.
TEST(Answers, OddLabelsAreAskedAsTheyAre) {
  auto resolver = StartResolver(WorldSettings());
  const std::vector<std::string> labels{
      "a.b",      "a\\b", "\\065", "a b",    std::string("nul\0nul", 7), "\r\n", "\xC3\xA4",
      "a;\"@$()", "*",    "-",     "_dmarc", std::string(63, '.')};
  for (const std::string& label : labels) {
    std::string wire(1, static_cast<char>(label.size()));
    wire += label + Name("wild.goodcorp.com").ToWire();
    const DomainName name = DomainName::FromWire(wire).value();
    const DnsAnswer answer = Answer(*resolver, {name, RecordType::kA});
    EXPECT_EQ(answer.status, DnsStatus::kAnswer) << name.ToText();
    EXPECT_EQ(answer.dnssec, Dnssec::kSecure) << name.ToText();
  }
  // A dot that were taken for a separator would lead below another name, which does not exist.
  const DomainName dotted = DomainName::FromWire(std::string("\x0Dgone.goodcorp") + std::string("\x03"
                                                                                                "com\0",
                                                                                                5))
                                .value();
  EXPECT_EQ(Answer(*resolver, {dotted, RecordType::kA}).status, DnsStatus::kNxDomain);
  EXPECT_EQ(Answer(*resolver, {DomainName(), RecordType::kMx}).status, DnsStatus::kNoData);
}

// --- validation switched off, anchors elsewhere ---

TEST(Answers, WithoutValidationEverythingIsIndeterminate) {
  Settings::Dns settings = WorldSettings();
  settings.validate = false;
  auto resolver = StartResolver(settings);
  for (const char* name : {"mail.goodcorp.com", "mail.plainhost.net", "mail.brokensig.org", "mail.oldsigs.org"}) {
    const DnsAnswer answer = Answer(*resolver, A(name));
    EXPECT_EQ(answer.status, DnsStatus::kAnswer) << name;
    EXPECT_EQ(answer.dnssec, Dnssec::kIndeterminate) << name;
  }
  const DnsAnswer denial = Answer(*resolver, A("gone.goodcorp.com"));
  EXPECT_EQ(denial.status, DnsStatus::kNxDomain);
  EXPECT_EQ(denial.dnssec, Dnssec::kIndeterminate);
  EXPECT_THAT(resolver->description(), HasSubstr("not validating"));
}

// RFC 4033 section 5: where no anchor covers the name, an answer is indeterminate, not insecure.
TEST(Answers, BelowNoAnchorAnswersAreIndeterminate) {
  const std::string path = ::testing::TempDir() + "elsewhere-" + std::to_string(getpid()) + ".conf";
  {
    std::ifstream world(WorldSettings().unbound_config);
    std::ofstream mine(path);
    for (std::string line; std::getline(world, line);) {
      mine << (line.find("trust-anchor-file") == std::string::npos
                   ? line
                   : "  trust-anchor: \"nullmx.org. DS 1 13 2 "
                     "0000000000000000000000000000000000000000000000000000000000000000\"")
           << "\n";
    }
  }
  Settings::Dns settings;
  settings.unbound_config = path;
  auto resolver = StartResolver(settings);
  EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).dnssec, Dnssec::kIndeterminate);
  EXPECT_EQ(Answer(*resolver, A("nullmx.org")).dnssec, Dnssec::kBogus);
  resolver.reset();
  std::remove(path.c_str());
}

// nsd holds all zones, so it can stand for a resolver that passes signatures on: the settings of an ordinary
// installation, with an anchor of our own. Zones of private and documentation addresses are not validated then.
TEST(Answers, ValidatesThroughAForwarder) {
  std::ifstream world(WorldSettings().unbound_config);
  std::string port;
  for (std::string line; port.empty() && std::getline(world, line);) {
    if (line.find("stub-addr:") != std::string::npos) port = line.substr(line.find('@') + 1);
  }
  Settings::Dns settings;
  settings.resolvers = {{Ip("127.0.0.1"), static_cast<std::uint16_t>(std::stoi(port))}};
  settings.trust_anchor = FromEnvironment("HELOGUARD_DNSWORLD_TRUST_ANCHOR");
  auto resolver = StartResolver(settings);
  EXPECT_EQ(resolver->description(), "forward 127.0.0.1@" + port + ", validating with " + settings.trust_anchor);
  EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).dnssec, Dnssec::kSecure);
  EXPECT_EQ(Answer(*resolver, A("mail.plainhost.net")).dnssec, Dnssec::kInsecure);
  EXPECT_EQ(Answer(*resolver, A("mail.brokensig.org")).status, DnsStatus::kBogus);
  EXPECT_EQ(Answer(*resolver, A("gone.goodcorp.com")).dnssec, Dnssec::kSecure);
  const DnsAnswer reverse = Answer(*resolver, Ptr("192.0.2.10"));
  EXPECT_EQ(reverse.status, DnsStatus::kAnswer);
  EXPECT_EQ(reverse.dnssec, Dnssec::kInsecure);
}

}  // namespace
}  // namespace heloguard
