// helo.traits (fact_rows.h), and the traits of names in general (name_traits.h): localhost, special-use,
// private-address, embeds-client-ip, ours.
//
// By the text, the client's address and our own identity; no DNS. "ours" is impersonation: never said of a client that
// is this host itself, by one of its exact addresses. Tests: tests/unit/core/facts/helo_syntax_test.cc.
#include <algorithm>

#include "core/facts/fact_rows.h"
#include "core/facts/name_traits.h"
#include "heloguard/base/special_use.h"

namespace heloguard {
namespace {

bool Has(const std::vector<IpAddress>& addresses, const IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address.Unmapped()) != addresses.end();
}

// A client without an address is a program on this host.
bool ClientIsUs(const SessionInputs& inputs) { return !inputs.client || Has(inputs.own->addresses, *inputs.client); }

// A mail server that was told no name calls itself localhost, and so does its client: that makes neither the other.
bool IsOurName(const DomainName& name, const SessionInputs& inputs) {
  if (IsLocalhostName(name)) return false;
  const OwnIdentity& own = *inputs.own;
  if (std::find(own.names.begin(), own.names.end(), name) != own.names.end()) return true;
  if (DomainName::FromText(inputs.mta_name) == name) return true;
  return std::any_of(own.suffixes.begin(), own.suffixes.end(),
                     [&](const DomainName& suffix) { return name != suffix && name.IsAtOrUnder(suffix); });
}

EnumSet<NameTrait> TraitsOfAddress(const IpAddress& address, const SessionInputs& inputs) {
  EnumSet<NameTrait> traits;
  if (address.IsLoopback()) traits.Add(NameTrait::kLocalhost);
  if (!address.IsGloballyReachable()) traits.Add(NameTrait::kPrivateAddress);
  // Every host has a loopback address: whoever says it claims to be itself, not us.
  const bool ours = !address.IsLoopback() && Has(inputs.own->addresses, address);
  if (ours && !ClientIsUs(inputs)) traits.Add(NameTrait::kOurs);
  return traits;
}

// Of a malformed name only its text can be looked at; one that was meant as a literal is an address, no name.
EnumSet<NameTrait> TraitsOfText(const Helo& helo, const SessionInputs& inputs) {
  EnumSet<NameTrait> traits;
  const bool is_name = helo.kind == HeloKind::kMalformed && !helo.flaws.Has(HeloFlaw::kBadLiteral);
  if (is_name && inputs.client && EmbedsAddress(helo.name, *inputs.client)) traits.Add(NameTrait::kEmbedsClientIp);
  return traits;
}

Fact HeloTraits(const FactContext& context) {
  const SessionInputs& inputs = context.inputs;
  if (!inputs.helo) return Fact::Unknown();
  if (inputs.helo->kind == HeloKind::kMissing) return Fact::NotApplicable();
  if (!inputs.client_known) return Fact::Unknown();  // two of the traits hang on the client
  if (inputs.helo->domain) return Fact::Set(TraitsOfName(*inputs.helo->domain, inputs));
  if (inputs.helo->address) return Fact::Set(TraitsOfAddress(*inputs.helo->address, inputs));
  return Fact::Set(TraitsOfText(*inputs.helo, inputs));
}

constexpr FactSpec kRows[] = {
    {FactId::kHeloTraits,
     "helo.traits",
     FactType::kSet,
     EnumNames<NameTrait>,
     Stage::kHelo,
     "-",
     {},
     "Who the name claims to be: localhost; a special-use or private domain; an address that is not globally "
     "reachable; "
     "the client's own address written into a name; one of our own names or addresses, said by a client that is not "
     "us.",
     HeloTraits},
};

}  // namespace

EnumSet<NameTrait> TraitsOfName(const DomainName& name, const SessionInputs& inputs) {
  const std::string text = name.ToText();
  EnumSet<NameTrait> traits;
  if (IsLocalhostName(name)) traits.Add(NameTrait::kLocalhost);
  if (IsSpecialUse(name)) traits.Add(NameTrait::kSpecialUse);
  if (inputs.client && EmbedsAddress(text, *inputs.client)) traits.Add(NameTrait::kEmbedsClientIp);
  if (!ClientIsUs(inputs) && IsOurName(name, inputs)) traits.Add(NameTrait::kOurs);
  if (const auto address = IpAddress::Parse(text)) traits = traits | TraitsOfAddress(*address, inputs);
  return traits;
}

std::span<const FactSpec> HeloTraitFacts() { return kRows; }

}  // namespace heloguard
