// client.address, client.port, client.tls, client.authenticated: what the MTA tells about the connection
// (fact_rows.h).
//
// The port comes in a macro that an MTA may not send: then it stays unknown, and no rule on it bites.
// Tests: tests/unit/core/facts/client_facts_test.cc.
#include "core/facts/fact_rows.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

Fact ClientAddress(const FactContext& context) {
  if (!context.inputs.client_known) return Fact::Unknown();
  if (!context.inputs.client) return Fact::NotApplicable();
  return Fact::Address(context.inputs.client->Unmapped());
}

Fact ClientPort(const FactContext& context) {
  return context.inputs.port ? Fact::Port(*context.inputs.port) : Fact::Unknown();
}

Fact ClientTls(const FactContext& context) {
  return context.inputs.tls ? Fact::Bool(*context.inputs.tls) : Fact::Unknown();
}

Fact ClientAuthenticated(const FactContext& context) {
  return context.inputs.authenticated ? Fact::Bool(*context.inputs.authenticated) : Fact::Unknown();
}

constexpr FactSpec kRows[] = {
    {FactId::kClientAddress,
     "client.address",
     FactType::kAddress,
     {},
     Stage::kConnect,
     "-",
     {},
     "The client's IP address; an IPv4-mapped IPv6 address is the IPv4 address inside. Does not apply to a client "
     "without one (unix socket, sendmail -bs).",
     ClientAddress},
    {FactId::kClientPort,
     "client.port",
     FactType::kPort,
     {},
     Stage::kConnect,
     "macro",
     {},
     "The port of the MTA the client connected to (macro {daemon_port}): 25, 465, 587. Unknown if the MTA does not "
     "send "
     "it.",
     ClientPort},
    {FactId::kClientTls,
     "client.tls",
     FactType::kBool,
     kBoolWords,
     Stage::kHelo,
     "macro",
     {},
     "Whether the connection is encrypted by now (macro {tls_version}).",
     ClientTls},
    {FactId::kClientAuthenticated,
     "client.authenticated",
     FactType::kBool,
     kBoolWords,
     Stage::kMail,
     "macro",
     {},
     "Whether the client has authenticated (macro {auth_authen}). No MTA tells before MAIL.",
     ClientAuthenticated},
};

}  // namespace

std::span<const FactSpec> ClientFacts() { return kRows; }

}  // namespace heloguard
