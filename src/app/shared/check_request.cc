// Reads the facts of a request and puts them through a Session, the very one of the daemon. Judges nothing itself.
// Tests: tests/cli/check_test.py, tests/cli/batch_test.py.
#include "app/shared/check_request.h"

#include "engine/drive/rehearsal.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

Error Refuse(std::string message) { return {ErrorKind::kUsage, std::move(message), {}}; }

// The name of the session in replies: there is no log to look it up in.
constexpr std::string_view kSessionId = "check00000000000";

}  // namespace

Result<IpAddress> ParseClient(std::string_view text) {
  const auto address = IpAddress::Parse(text);
  if (!address) return Refuse(Quoted(text) + " is no IP address");
  return address->Unmapped();
}

Result<std::optional<SuppliedRdns>> ParseRdns(const std::optional<std::string>& name,
                                              const std::optional<std::string>& status) {
  if (!name && !status) return std::optional<SuppliedRdns>();
  const bool none = name == "none";
  SuppliedRdns rdns;
  if (name) rdns.status = none ? RdnsStatus::kPermerror : RdnsStatus::kPass;
  if (name && !none) {
    rdns.name = DomainName::FromText(UnescapeBytes(*name));
    if (!rdns.name || rdns.name->empty()) return Refuse(Quoted(*name) + " is no host name");
  }
  // "Not known" is said of a name's verification; that there is no name at all is permerror by definition.
  if (status == kNotKnown) {
    if (!none) rdns.status.reset();
    return std::optional(rdns);
  }
  if (!status) return std::optional(rdns);
  rdns.status = FromName<RdnsStatus>(*status);
  if (!rdns.status) {
    return Refuse(Quoted(*status) + " is no status of reverse DNS; pass, fail, permerror and temperror are" +
                  DidYouMean(*status, EnumNames<RdnsStatus>));
  }
  if (none && rdns.status == RdnsStatus::kPass) return Refuse("no name (none) cannot be verified (pass)");
  return std::optional(rdns);
}

void JudgeRequest(const CheckRequest& request, const std::shared_ptr<const Policy>& policy,
                  const CommandServices& world, const std::function<void(const SessionReport&)>& use) {
  SessionOptions options;
  options.extra_facts = kAllFacts;
  options.full_evidence = true;
  DrivenSession driven(std::string(kSessionId), policy, world, options, world.waitable);
  Rehearsal rehearsal;
  rehearsal.connect.client = request.client;
  rehearsal.connect.port = request.port;
  rehearsal.connect.rdns = request.rdns;
  rehearsal.helos = {request.helo};
  rehearsal.tls = request.tls;
  rehearsal.authenticated = request.authenticated;
  use(Rehearse(&driven, rehearsal, *policy));
}

}  // namespace heloguard
