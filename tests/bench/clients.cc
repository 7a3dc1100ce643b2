// Clients by number: address and names say the number, so that every answer can be worked out from its question.
#include "clients.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "dns_text.h"
#include "engine/drive/simulated_services.h"
#include "measure.h"

namespace heloguard::bench {
namespace {

// Among all kinds: the address, counted from the first of the range.
unsigned Id(ClientKind kind, unsigned number) { return static_cast<unsigned>(kind) * kClientsOfAKind + number; }

IpAddress AddressOf(unsigned id) {
  const auto octet = [id](unsigned shift) { return static_cast<std::uint8_t>(id >> shift); };
  return IpAddress::V4({198, static_cast<std::uint8_t>(18 + octet(16)), octet(8), octet(0)});
}

std::vector<std::string> PtrNamesOf(unsigned id) {
  const std::string domain = ".c" + std::to_string(id) + ".example";
  switch (static_cast<ClientKind>(id / kClientsOfAKind)) {
    case ClientKind::kClean:
      return {"mail" + domain};
    case ClientKind::kOtherName:
      return {"server1" + domain};
    case ClientKind::kNoPtr:
      return {};
    case ClientKind::kDynamic:
      return {"dyn-" + std::to_string(id) + ".pool" + domain};
    case ClientKind::kTenNames:
      break;
  }
  std::vector<std::string> names;
  for (unsigned i = 0; i < 10; ++i) names.push_back("mail" + std::to_string(i) + domain);
  return names;
}

std::optional<unsigned> Number(std::string_view digits) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(number) : std::nullopt;
}

// The client that a name below its own domain or in the reverse tree is about.
std::optional<unsigned> IdOf(const DnsQuestion& question) {
  const auto& labels = question.name.labels();
  if (labels.size() < 3) return std::nullopt;
  if (question.type != RecordType::kPtr) return Number(std::string_view(labels[labels.size() - 2]).substr(1));
  const auto low = Number(labels[0]);
  const auto middle = Number(labels[1]);
  const auto high = Number(labels[2]);
  return low && middle && high ? std::optional((*high - 18U) * 65'536U + *middle * 256U + *low) : std::nullopt;
}

DnsAnswer Answer(DnsStatus status, std::vector<DnsRecord> data) {
  DnsAnswer answer;
  answer.status = status;
  answer.dnssec = Dnssec::kInsecure;
  answer.data = std::move(data);
  answer.ttl = 3'600;
  return answer;
}

}  // namespace

Client MakeClient(ClientKind kind, unsigned number) {
  const unsigned id = Id(kind, number);
  const IpAddress address = AddressOf(id);
  const std::string own = "mail.c" + std::to_string(id) + ".example";
  switch (kind) {
    case ClientKind::kClean:
    case ClientKind::kOtherName:
    case ClientKind::kNoPtr:
      return {address, own};
    case ClientKind::kDynamic:
      return {address, address.ToString()};
    case ClientKind::kTenNames:
      break;
  }
  return {address, PtrNamesOf(id).front()};
}

DnsAnswer TrueAnswer(const DnsQuestion& question) {
  const auto id = IdOf(question);
  if (!id || *id >= kClientsOfAKind * kClientKinds.size()) return Answer(DnsStatus::kNxDomain, {});
  std::vector<DnsRecord> data;
  if (question.type == RecordType::kA) data.emplace_back(AddressOf(*id));
  if (question.type == RecordType::kPtr) {
    for (const std::string& name : PtrNamesOf(*id)) data.emplace_back(testing::Name(name));
  }
  if (!data.empty()) return Answer(DnsStatus::kAnswer, std::move(data));
  return Answer(question.type == RecordType::kPtr ? DnsStatus::kNxDomain : DnsStatus::kNoData, {});
}

void SendOneMessage(const Client& client, DrivenSession* session) {
  ConnectInfo info;
  info.client = client.address;
  session->OnConnect(info);
  session->OnHelo(client.helo, false);
  session->OnMail("<a@example.org>", false, false);
  session->OnRcpt("<b@example.net>");
}

std::vector<DnsQuestion> QuestionsOf(const std::shared_ptr<const Policy>& policy, const Client& client) {
  constexpr std::chrono::milliseconds kRoundTrip{10};
  SimulatedServices world;
  const auto script = [&](const DnsQuestion& question) { world.Script(question, TrueAnswer(question), kRoundTrip); };
  const DnsQuestion ptr{DomainName::Reverse(client.address), RecordType::kPtr};
  script(ptr);
  std::vector<DnsRecord> names = TrueAnswer(ptr).data;
  if (const auto helo = DomainName::FromText(client.helo)) names.emplace_back(*helo);
  for (const DnsRecord& name : names) {
    for (const RecordType type : {RecordType::kA, RecordType::kAaaa, RecordType::kMx}) {
      script({std::get<DomainName>(name), type});
    }
  }
  Silent sink;
  Services around;
  around.resolver = &world;
  around.clock = &world;
  around.sink = &sink;
  DrivenSession session("0123456789abcdef", policy, around, {}, &world);
  SendOneMessage(client, &session);
  session.OnClose();
  world.Advance(std::chrono::seconds(10));  // lookups nobody waits for go on to their end all the same
  std::vector<DnsQuestion> different;
  for (const DnsQuestion& question : world.asked()) {
    if (std::ranges::find(different, question) == different.end()) different.push_back(question);
  }
  return different;
}

}  // namespace heloguard::bench
