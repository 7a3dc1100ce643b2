// helo.traits and the traits of PTR names: who a name claims to be.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/facts/fact_rows.h"
#include "core/facts/name_traits.h"

namespace heloguard {
namespace {

using T = NameTrait;
using Traits = EnumSet<NameTrait>;

// This host: mail.our.example by its MTA, two more names, everything below .hosts.our.example, three addresses.
SessionInputs From(std::string_view client) {
  OwnIdentity own;
  own.names = {*DomainName::FromText("mx.our.example"), *DomainName::FromText("relay")};
  own.suffixes = {*DomainName::FromText("hosts.our.example")};
  own.addresses = {*IpAddress::Parse("192.0.2.25"), *IpAddress::Parse("2001:db8::25"), *IpAddress::Parse("127.0.0.1")};
  SessionInputs inputs;
  inputs.client_known = true;
  inputs.client = IpAddress::Parse(client);
  inputs.mta_name = "Mail.Our.Example";
  inputs.own = std::make_shared<const OwnIdentity>(own);
  return inputs;
}

Fact HeloTraits(std::string_view client, std::string_view helo) {
  SessionInputs inputs = From(client);
  inputs.helo = ParseHelo(helo);
  return HeloTraitFacts().front().compute({inputs, DnsAnswers(), RdnsEvidence()});
}

std::string WordsOf(Traits traits) {
  std::string words;
  for (std::size_t i = 0; i < EnumNames<NameTrait>.size(); ++i) {
    if (traits.Has(static_cast<NameTrait>(i))) words += std::string(EnumNames<NameTrait>[i]) + " ";
  }
  return words;
}

struct Row {
  std::string_view client;
  std::string_view helo;
  Traits traits;
};

void Check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    const Fact fact = HeloTraits(row.client, row.helo);
    ASSERT_EQ(fact.state(), FactState::kKnown) << row.helo;
    EXPECT_EQ(WordsOf(Traits::FromBits(fact.number())), WordsOf(row.traits)) << row.client << " " << row.helo;
  }
}

TEST(HeloTraits, Localhost) {
  Check({
      {"203.0.113.9", "localhost", {T::kLocalhost, T::kSpecialUse}},
      {"203.0.113.9", "LOCALHOST.", {T::kLocalhost, T::kSpecialUse}},
      {"203.0.113.9", "localhost.localdomain", {T::kLocalhost, T::kSpecialUse}},
      {"203.0.113.9", "mail.localhost", {T::kLocalhost, T::kSpecialUse}},
      {"203.0.113.9", "localdomain", {T::kSpecialUse}},
      {"203.0.113.9", "localhost.example.com", {}},
      {"203.0.113.9", "127.0.0.2", {T::kLocalhost, T::kPrivateAddress}},
      {"203.0.113.9", "[127.0.0.2]", {T::kLocalhost, T::kPrivateAddress}},
      {"203.0.113.9", "::1", {T::kLocalhost, T::kPrivateAddress}},
      {"203.0.113.9", "[IPv6:::1]", {T::kLocalhost, T::kPrivateAddress}},
      {"203.0.113.9", "::ffff:127.9.9.9", {T::kLocalhost, T::kPrivateAddress}},
      {"203.0.113.9", "[IPv6:::ffff:127.9.9.9]", {T::kLocalhost, T::kPrivateAddress}},
  });
}

TEST(HeloTraits, SpecialUseAndPrivateAddresses) {
  Check({
      {"203.0.113.9", "pc.lan", {T::kSpecialUse}},
      {"203.0.113.9", "exchange.corp", {T::kSpecialUse}},
      {"203.0.113.9", "router.home.arpa", {T::kSpecialUse}},
      {"203.0.113.9", "mail.example.com", {}},
      {"203.0.113.9", "mail.partner.example", {}},
      {"203.0.113.9", "10.0.0.5", {T::kPrivateAddress}},
      {"203.0.113.9", "[192.168.1.1]", {T::kPrivateAddress}},
      {"203.0.113.9", "[IPv6:fe80::1]", {T::kPrivateAddress}},
      {"203.0.113.9", "fd00::1", {T::kPrivateAddress}},
      {"203.0.113.9", "[8.8.8.8]", {}},
      {"203.0.113.9", "2620:fe::fe", {}},
      {"203.0.113.9", "[tag:x]", {}},
  });
}

TEST(HeloTraits, TheClientsOwnAddress) {
  Check({
      {"203.0.113.77", "203-0-113-77.dsl.example.net", {T::kEmbedsClientIp}},
      {"203.0.113.77", "203-0-113-78.dsl.example.net", {}},
      {"::ffff:203.0.113.77", "dsl-113-77.example.net", {T::kEmbedsClientIp}},
      {"203.0.113.77", "pc-203-0-113-77.lan", {T::kEmbedsClientIp, T::kSpecialUse}},
      {"203.0.113.77", "ip_203-0-113-77..example.net", {T::kEmbedsClientIp}},  // malformed, but plain to see
      {"203.0.113.77", "203-0-113-77 home", {T::kEmbedsClientIp}},
      // an address as such is no name it could be written into
      {"203.0.113.77", "203.0.113.77", {T::kPrivateAddress}},
      {"203.0.113.77", "[203.0.113.77]", {T::kPrivateAddress}},
      {"203.0.113.77", "[203.0.113.77", {}},
      {"", "203-0-113-77.dsl.example.net", {}},
  });
}

TEST(HeloTraits, Ours) {
  Check({
      {"203.0.113.9", "mx.our.example", {T::kOurs}},
      {"203.0.113.9", "MX.OUR.EXAMPLE.", {T::kOurs}},
      {"203.0.113.9", "relay", {T::kOurs}},
      {"203.0.113.9", "mail.our.example", {T::kOurs}},  // the MTA's own name
      {"203.0.113.9", "a.hosts.our.example", {T::kOurs}},
      {"203.0.113.9", "a.b.hosts.our.example", {T::kOurs}},
      {"203.0.113.9", "hosts.our.example", {}},  // below it, not itself
      {"203.0.113.9", "badhosts.our.example", {}},
      {"203.0.113.9", "a.mx.our.example", {}},
      {"203.0.113.9", "our.example", {}},
      {"203.0.113.9", "192.0.2.25", {T::kOurs, T::kPrivateAddress}},
      {"203.0.113.9", "[192.0.2.25]", {T::kOurs, T::kPrivateAddress}},
      {"203.0.113.9", "[IPv6:2001:db8::25]", {T::kOurs, T::kPrivateAddress}},
      {"203.0.113.9", "[IPv6:::ffff:192.0.2.25]", {T::kOurs, T::kPrivateAddress}},
      {"203.0.113.9", "[127.0.0.1]", {T::kLocalhost, T::kPrivateAddress}},  // every host has it
      {"203.0.113.9", "[192.0.2.250]", {T::kPrivateAddress}},
      // said by ourselves
      {"192.0.2.25", "mx.our.example", {}},
      {"::ffff:192.0.2.25", "mail.our.example", {}},
      {"2001:db8::25", "[192.0.2.25]", {T::kPrivateAddress}},
      {"127.0.0.1", "mx.our.example", {}},
      {"", "mx.our.example", {}},                   // a program on this host
      {"127.0.0.2", "mx.our.example", {T::kOurs}},  // only exact addresses are ours
  });
}

TEST(HeloTraits, AnMtaWithoutANameIsNobody) {
  for (const char* mta : {"", ".", "..", "[192.0.2.25]"}) {
    SessionInputs inputs = From("203.0.113.9");
    inputs.mta_name = mta;
    EXPECT_EQ(TraitsOfName(*DomainName::FromText("mail.our.example"), inputs), Traits()) << mta;
    EXPECT_EQ(TraitsOfName(*DomainName::FromText("mx.our.example"), inputs), Traits{T::kOurs}) << mta;
  }
}

TEST(HeloTraits, AnMtaCalledLocalhostOwnsNobodysLocalhost) {
  SessionInputs inputs = From("203.0.113.9");
  for (const char* name : {"localhost", "localhost.localdomain"}) {
    inputs.mta_name = name;
    EXPECT_EQ(TraitsOfName(*DomainName::FromText(name), inputs), (Traits{T::kLocalhost, T::kSpecialUse})) << name;
  }
}

TEST(NameTraits, OfPtrNames) {
  const struct {
    const char* client;
    const char* name;
    Traits traits;
  } rows[] = {
      {"203.0.113.77", "mail.example.com", {}},
      {"203.0.113.77", "localhost", {T::kLocalhost, T::kSpecialUse}},
      {"203.0.113.77", "203-0-113-77.dsl.example.net", {T::kEmbedsClientIp}},
      {"203.0.113.77", "mx.our.example", {T::kOurs}},
      {"203.0.113.77", "203.0.113.77", {T::kEmbedsClientIp, T::kPrivateAddress}},  // labels that read as an address
      {"203.0.113.77", "127.0.0.1", {T::kLocalhost, T::kPrivateAddress}},
      {"203.0.113.77", "192.0.2.25", {T::kOurs, T::kPrivateAddress}},
      {"203.0.113.77", ".", {}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(WordsOf(TraitsOfName(*DomainName::FromText(row.name), From(row.client))), WordsOf(row.traits))
        << row.name;
  }
}

}  // namespace
}  // namespace heloguard
