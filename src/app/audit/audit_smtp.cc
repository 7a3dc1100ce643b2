// What mail servers call themselves, compared with the audited name. A server greets with the name that it says in HELO
// itself, unless somebody has set them apart, so another one is a sign and no proof.
// Tests: tests/cli/audit_test.py.
#include "app/audit/audit_smtp.h"

#include <algorithm>
#include <cstdio>

#include "adapters/smtp/smtp_probe.h"
#include "app/audit/gather_evidence.h"
#include "app/shared/check_view.h"
#include "audit/audit_words.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

// Long enough to make a server send a message.
constexpr std::chrono::minutes kWaitForClient{10};
constexpr std::size_t kMaxShown = 120;
constexpr int kServiceReady = 220;
constexpr int kOkay = 250;

struct Server {
  IpAddress address;
  const CommandServices& world;
};

// Where another name than the audited one leads.
std::string LeadText(const DomainName& name, const Server& server) {
  const DnsAnswers answers = LookUpAddresses(name, server.world);
  const auto addresses = AddressesOf(name, answers);
  if (std::ranges::find(addresses, server.address) != addresses.end()) return ", which leads to this server";
  if (!addresses.empty()) return ", which leads elsewhere";
  const DnsAnswer* a = answers.FindAsked({name, AddressTypeFor(server.address)});
  if (a == nullptr || IsTransient(a->status)) return "";
  return a->status == DnsStatus::kNxDomain ? ", which does not exist in DNS" : ", which has no address";
}

CheckRow CompareName(CheckId check, const std::string& said, const Helo& helo, const Server& server) {
  CheckRow row{check, CheckResult::kPass, EscapeBytes(said, kMaxShown)};
  const Helo parsed = ParseHelo(said);
  if (said.empty()) {
    row.result = CheckResult::kWarn;
    row.text = "no name (RFC 5321 section 4.2)";
  } else if (parsed.name != helo.name) {
    row.result = CheckResult::kWarn;
    row.text += parsed.domain ? LeadText(*parsed.domain, server) : ", which is no host name";
  }
  if (row.result != CheckResult::kPass) {
    row.advice.push_back("If the server says that in HELO too: " + SayInHelo(EscapedHelo(helo.name)));
  }
  return row;
}

CheckRow Unreachable(std::string_view why) { return {CheckId::kConnection, CheckResult::kUnknown, std::string(why)}; }

std::vector<IpAddress> AddressesOfTarget(const SmtpTarget& target, const CommandServices& world) {
  if (target.address) return {*target.address};
  return AddressesOf(target.name, LookUpAddresses(target.name, world));
}

}  // namespace

CheckSection CheckServer(const SmtpTarget& target, const Helo& helo, const CommandServices& world, bool* unreachable) {
  constexpr std::size_t kMaxTried = 4;
  CheckSection section{"the server " + target.text, target.text, {}};
  std::string trouble = "no address of it is known";
  std::vector<IpAddress> addresses = AddressesOfTarget(target, world);
  if (addresses.size() > kMaxTried) addresses.resize(kMaxTried);
  for (const IpAddress& address : addresses) {
    const auto self = ProbeSmtp({address, target.port}, {});
    if (!self.ok()) {
      trouble = address.ToString() + ": " + self.error().message;
      continue;
    }
    const Server server{address, world};
    if (self.value().banner_code == kServiceReady) {
      section.rows.push_back(CompareName(CheckId::kGreeting, self.value().banner, helo, server));
    } else {  // no name stands in it
      section.rows.push_back(
          {CheckId::kGreeting, CheckResult::kUnknown, "it refuses: " + std::to_string(self.value().banner_code)});
    }
    if (self.value().ehlo_code == kOkay) {
      section.rows.push_back(CompareName(CheckId::kEhlo, self.value().ehlo, helo, server));
    } else {
      section.rows.push_back({CheckId::kEhlo, CheckResult::kUnknown, "it takes no EHLO from here"});
    }
    return section;
  }
  *unreachable = true;
  section.rows.push_back(Unreachable(trouble));
  return section;
}

Result<HeardHelo> HearClient(const ServerAddress& listen) {
  const auto listener = SmtpListener::Open(listen);
  if (!listener.ok()) return listener.error();
  const std::string host = listen.address.is_v4() ? listen.address.ToString() : "[" + listen.address.ToString() + "]";
  const std::string line = "heloguard: listening on " + host + ":" + std::to_string(listener.value()->port()) +
                           "; let your server send a message there (none is taken)\n";
  std::fputs(line.c_str(), stderr);
  Result<HeardHelo> heard = listener.value()->HearOne(kWaitForClient, {});
  if (heard.ok() && !heard.value().helo) {
    return Error{ErrorKind::kUnavailable, heard.value().client.ToString() + " left without HELO or EHLO", {}};
  }
  return heard;
}

CheckSection CheckHeard(const HeardHelo& heard, const AuditRequest& request) {
  const std::string client = heard.client.ToString();
  CheckSection section{"the client " + client, client, {}};
  const Helo said = ParseHelo(*heard.helo);
  CheckRow row{CheckId::kSaid, CheckResult::kPass, "\"" + EscapedHelo(said.text) + "\""};
  if (request.name && request.name->name != said.name) {
    const std::string expected = EscapedHelo(request.name->name);
    row.result = CheckResult::kFail;
    row.text += ", not \"" + expected + "\"";
    row.advice.push_back(SayInHelo(expected));
  }
  section.rows.push_back(std::move(row));
  if (request.addresses.empty() && IsInside(heard.client)) {
    section.rows.push_back({CheckId::kClient, CheckResult::kWarn,
                            client + " is an address of the inside: name the one that the world sees with --ip"});
  }
  return section;
}

}  // namespace heloguard
