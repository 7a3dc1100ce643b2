// The resolver against real signed zones: every row of the table in README.md, and what happens at its edges.
// Runs inside world.py, which serves the zones and names the configuration in the environment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <future>
#include <map>
#include <mutex>

#include "dns_text.h"
#include "heloguard/facts.h"
#include "heloguard/lookup.h"
#include "unbound_resolver.h"

namespace heloguard {
namespace {

using namespace std::chrono_literals;
using namespace heloguard::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Settings::Dns WorldSettings() {
  Settings::Dns settings;
  settings.unbound_config = FromEnvironment("HELOGUARD_DNSWORLD_UNBOUND_CONFIG");
  return settings;
}

std::unique_ptr<UnboundResolver> StartResolver(const Settings::Dns& settings, EventSink* sink = nullptr) {
  auto started = UnboundResolver::Start(settings, sink);
  EXPECT_TRUE(started.ok()) << (started.ok() ? "" : started.error().ToString());
  return started.ok() ? std::move(started).value() : nullptr;
}

std::future<DnsAnswer> Asked(UnboundResolver& resolver, const DnsQuestion& question) {
  auto promise = std::make_shared<std::promise<DnsAnswer>>();
  auto future = promise->get_future();
  resolver.Ask(question, [promise](DnsAnswer answer) { promise->set_value(std::move(answer)); });
  return future;
}

DnsAnswer Answer(UnboundResolver& resolver, const DnsQuestion& question) { return Asked(resolver, question).get(); }

std::vector<std::string> Texts(const DnsAnswer& answer) {
  std::vector<std::string> texts;
  for (const DnsRecord& record : answer.data) texts.push_back(ToText(record));
  return texts;
}

// --- the table ---

struct Row {
  std::string client, ptr, ptr_dnssec, rdns_status, rdns_dnssec, verified, situation;
};

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const std::size_t first = cell.find_first_not_of(' ');
    if (first == std::string::npos) continue;
    cells.push_back(cell.substr(first, cell.find_last_not_of(' ') - first + 1));
  }
  return cells;
}

// 192.0.2.N as 127.0.2.N and so on; "" for a client without a loopback twin.
std::string TwinOf(const std::string& client) {
  static const std::map<std::string, std::string> kNets{
      {"192.0.2.", "127.0.2."}, {"198.51.100.", "127.0.100."}, {"203.0.113.", "127.0.113."}};
  for (const auto& [net, twin] : kNets) {
    if (client.starts_with(net)) return twin + client.substr(net.size());
  }
  return "";
}

std::vector<Row> Table() {
  std::vector<Row> rows;
  std::ifstream readme(std::string(HELOGUARD_SOURCE_DIR) + "/tests/dnsworld/README.md");
  for (std::string line; std::getline(readme, line);) {
    if (!line.starts_with('|')) continue;
    const auto cells = Cells(line);
    if (cells.size() != 7 || !IpAddress::Parse(cells[0])) continue;
    Row row{cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]};
    const std::string twin = TwinOf(row.client);
    rows.push_back(row);
    if (twin.empty()) continue;
    row.client = twin;
    rows.push_back(row);
  }
  return rows;
}

struct Judged {
  Row row;
  LookupInputs inputs;
  DnsAnswers book;
};

// Asks what the planner wants for all clients side by side, round by round.
void ResolveAll(UnboundResolver& resolver, std::vector<Judged>* clients) {
  for (bool more = true; more;) {
    more = false;
    std::vector<std::tuple<Judged*, DnsQuestion, std::future<DnsAnswer>>> round;
    for (Judged& client : *clients) {
      for (const auto& question : NextQuestions(kClientLookups, client.inputs, client.book, LookupLimits{})) {
        round.emplace_back(&client, question, Asked(resolver, question));
        more = true;
      }
    }
    for (auto& [client, question, future] : round) client->book.Set(question, future.get());
  }
}

template <class E>
std::string Word(const std::optional<E>& value) {
  return value ? std::string(NameOf(*value)) : "unknown";
}

TEST(DnsWorld, EveryClientOfTheTable) {
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  std::vector<Judged> clients;
  for (Row& row : Table()) {
    Judged judged;
    judged.inputs.client = Ip(row.client);
    judged.row = std::move(row);
    clients.push_back(std::move(judged));
  }
  ASSERT_GE(clients.size(), 100U);
  ResolveAll(*resolver, &clients);
  for (const Judged& client : clients) {
    SCOPED_TRACE(client.row.client + ": " + client.row.situation);
    const DnsAnswer* ptr = client.book.Find(Ptr(client.row.client));
    ASSERT_NE(ptr, nullptr);
    EXPECT_EQ(NameOf(ptr->status), client.row.ptr) << ptr->why;
    EXPECT_EQ(NameOf(ptr->dnssec), client.row.ptr_dnssec) << ptr->why;
    SessionInputs inputs;
    inputs.client = client.inputs.client;
    inputs.client_known = true;
    const RdnsEvidence rdns = AssessRdns(inputs, client.book);
    EXPECT_EQ(Word(rdns.status), client.row.rdns_status);
    EXPECT_EQ(Word(rdns.dnssec), client.row.rdns_dnssec);
    std::string verified;
    for (const DomainName& name : rdns.verified) verified += (verified.empty() ? "" : " ") + name.ToText();
    EXPECT_EQ(verified.empty() ? "-" : verified, client.row.verified);
  }
}

// --- answers ---

TEST(DnsWorld, BogusDataIsDroppedAndItsReasonKept) {
  auto resolver = StartResolver(WorldSettings());
  const DnsAnswer answer = Answer(*resolver, A("mail.brokensig.org"));
  EXPECT_EQ(answer.status, DnsStatus::kBogus);
  EXPECT_EQ(answer.dnssec, Dnssec::kBogus);
  EXPECT_THAT(answer.data, IsEmpty());
  EXPECT_THAT(answer.why, HasSubstr("mail.brokensig.org"));
}

TEST(DnsWorld, ExpiredSignaturesAndAWrongDsAreBogus) {
  auto resolver = StartResolver(WorldSettings());
  EXPECT_EQ(Answer(*resolver, A("mail.oldsigs.org")).status, DnsStatus::kBogus);
  EXPECT_EQ(Answer(*resolver, A("mail.wrongds.org")).status, DnsStatus::kBogus);
  EXPECT_EQ(Answer(*resolver, Mx("nosuchname.oldsigs.org")).status, DnsStatus::kBogus);
}

TEST(DnsWorld, DataIsSortedAndTtlsArePositive) {
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

TEST(DnsWorld, NamesForHelo) {
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

TEST(DnsWorld, MailExchangers) {
  auto resolver = StartResolver(WorldSettings());
  EXPECT_THAT(Texts(Answer(*resolver, Mx("goodcorp.com"))), ElementsAre("10 mail.goodcorp.com."));
  EXPECT_THAT(Texts(Answer(*resolver, Mx("nullmx.org"))), ElementsAre("0 ."));
  EXPECT_EQ(Answer(*resolver, Mx("txtonly.goodcorp.com")).status, DnsStatus::kNoData);
  EXPECT_EQ(Answer(*resolver, Mx("gone.plainhost.net")).dnssec, Dnssec::kInsecure);
}

TEST(DnsWorld, HostileBytesArriveAsTheyAre) {
  auto resolver = StartResolver(WorldSettings());
  const DnsAnswer answer = Answer(*resolver, Ptr("192.0.2.25"));
  ASSERT_EQ(answer.data.size(), 1U);
  const auto& name = std::get<DomainName>(answer.data[0]);
  EXPECT_EQ(name.labels()[0], std::string("evil x.y\r\nx-header: a\0%s\xC8", 25));
  EXPECT_EQ(name.labels().size(), 3U);
}

// The wildcard answers whatever label is asked for: what comes back proves which labels were asked.
TEST(DnsWorld, OddLabelsAreAskedAsTheyAre) {
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

TEST(DnsWorld, WithoutValidationEverythingIsIndeterminate) {
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
TEST(DnsWorld, BelowNoAnchorAnswersAreIndeterminate) {
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
TEST(DnsWorld, ValidatesThroughAForwarder) {
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

// --- load ---

struct CountingSink final : EventSink {
  void Judged(const SessionReport&) override {}
  void LookedUp(const DnsQuestion&, const DnsAnswer& answer) override {
    const std::lock_guard<std::mutex> lock(mutex);
    ++by_status[answer.status];
  }
  std::mutex mutex;
  std::map<DnsStatus, int> by_status;
};

TEST(DnsWorld, SilentServersHoldNobodyElseBack) {
  CountingSink sink;
  std::vector<std::future<DnsAnswer>> silent;
  {
    auto resolver = StartResolver(WorldSettings(), &sink);
    for (int i = 0; i < 500; ++i) {
      silent.push_back(Asked(*resolver, A("host" + std::to_string(i) + ".silentdns.net")));
    }
    const auto start = std::chrono::steady_clock::now();
    const DnsAnswer answer = Answer(*resolver, A("mail.goodcorp.com"));
    EXPECT_EQ(answer.dnssec, Dnssec::kSecure);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  }
  int not_asked = 0;
  for (auto& future : silent) {
    ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
    const DnsAnswer answer = future.get();
    EXPECT_THAT(answer.status, ::testing::AnyOf(DnsStatus::kNotAsked, DnsStatus::kServFail));
    not_asked += answer.status == DnsStatus::kNotAsked ? 1 : 0;
  }
  EXPECT_GT(not_asked, 0) << "destroyed with lookups pending";
  EXPECT_EQ(sink.by_status[DnsStatus::kNotAsked] + sink.by_status[DnsStatus::kServFail], 500);
  EXPECT_EQ(sink.by_status[DnsStatus::kAnswer], 1);
}

TEST(DnsWorld, ASilentServerIsGivenUpOnSoon) {
  auto resolver = StartResolver(WorldSettings());
  const DnsAnswer answer = Answer(*resolver, A("mail.silentdns.net"));
  EXPECT_EQ(answer.status, DnsStatus::kServFail);
  EXPECT_EQ(answer.dnssec, Dnssec::kIndeterminate);
  EXPECT_LT(answer.elapsed, 10s);
}

TEST(DnsWorld, OverTheCapNothingIsAsked) {
  Settings::Dns settings = WorldSettings();
  settings.max_in_flight = 3;
  auto resolver = StartResolver(settings);
  std::vector<std::future<DnsAnswer>> first;
  for (int i = 0; i < 3; ++i) first.push_back(Asked(*resolver, A("cap" + std::to_string(i) + ".silentdns.net")));
  auto over = Asked(*resolver, A("mail.goodcorp.com"));
  ASSERT_EQ(over.wait_for(0s), std::future_status::ready);
  EXPECT_EQ(over.get().status, DnsStatus::kNotAsked);
  for (auto& future : first) EXPECT_EQ(future.get().status, DnsStatus::kServFail);
  EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).status, DnsStatus::kAnswer);  // there is room again
}

// A cached answer comes inside the library's call, where a callback that asks more must not get in the way.
TEST(DnsWorld, CallbacksMayAskMore) {
  auto resolver = StartResolver(WorldSettings());
  Answer(*resolver, A("mail.goodcorp.com"));
  std::promise<DnsAnswer> last;
  std::atomic<int> left{50};
  std::function<void(DnsAnswer)> next = [&](DnsAnswer answer) {
    if (--left == 0) {
      last.set_value(std::move(answer));
      return;
    }
    resolver->Ask(A("mail.goodcorp.com"), next);
  };
  resolver->Ask(A("mail.goodcorp.com"), next);
  EXPECT_EQ(last.get_future().get().status, DnsStatus::kAnswer);
}

}  // namespace
}  // namespace heloguard
