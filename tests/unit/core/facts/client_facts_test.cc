// client.address, client.port, client.tls, client.authenticated: known, unknown, not applicable.
#include <gtest/gtest.h>

#include "core/facts/fact_rows.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

Fact Compute(FactId id, const SessionInputs& inputs) {
  for (const FactSpec& row : ClientFacts()) {
    if (row.id == id) return row.compute({inputs, DnsAnswers(), RdnsEvidence()});
  }
  ADD_FAILURE() << "no such row";
  return {};
}

SessionInputs Nobody() {
  SessionInputs inputs;
  inputs.own = std::make_shared<const OwnIdentity>();
  return inputs;
}

TEST(ClientFacts, Address) {
  SessionInputs inputs = Nobody();
  EXPECT_EQ(Compute(FactId::kClientAddress, inputs), Fact::Unknown());
  inputs.client_known = true;
  EXPECT_EQ(Compute(FactId::kClientAddress, inputs), Fact::NotApplicable());
  inputs.client = IpAddress::Parse("::ffff:192.0.2.1");
  EXPECT_EQ(Compute(FactId::kClientAddress, inputs), Fact::Address(*IpAddress::Parse("192.0.2.1")));
}

TEST(ClientFacts, WhatTheMtaDoesNotTellIsUnknown) {
  SessionInputs inputs = Nobody();
  inputs.client_known = true;
  for (const FactId id : {FactId::kClientPort, FactId::kClientTls, FactId::kClientAuthenticated}) {
    EXPECT_EQ(Compute(id, inputs), Fact::Unknown());
  }
  inputs.port = 587;
  inputs.tls = true;
  inputs.authenticated = false;
  EXPECT_EQ(Compute(FactId::kClientPort, inputs), Fact::Port(587));
  EXPECT_EQ(Compute(FactId::kClientTls, inputs), Fact::Bool(true));
  EXPECT_EQ(Compute(FactId::kClientAuthenticated, inputs), Fact::Bool(false));
}

TEST(ClientFacts, RowsNeedNoLookup) {
  for (const auto rows : {ClientFacts(), HeloSyntaxFacts(), HeloLiteralFacts(), HeloTraitFacts()}) {
    for (const FactSpec& row : rows) {
      EXPECT_TRUE(row.lookups.empty()) << row.name;
      EXPECT_FALSE(row.help.empty()) << row.name;
      EXPECT_EQ(row.values.empty(),
                row.type != FactType::kBool && row.type != FactType::kEnum && row.type != FactType::kSet)
          << row.name;
    }
  }
}

}  // namespace
}  // namespace heloguard
