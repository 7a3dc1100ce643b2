// Looks at the resolver where signatures are real: well, the wrong key, the wrong time, silence, and a forwarder that
// starts to pass DNSSEC records on. Findings without signatures: tests/unit/adapters/unbound/canary_look_test.cc.
// RFC 4033 section 5, RFC 4035 sections 3.2.1 and 5.3.1, RFC 5011.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "dns_world.h"

namespace heloguard {
namespace {

using namespace std::chrono_literals;
using namespace heloguard::testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Slurp(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A folder that goes with everything in it.
class Folder {
 public:
  Folder() {
    static int number = 0;
    path_ = ::testing::TempDir() + "canary-" + std::to_string(getpid()) + "-" + std::to_string(++number);
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

// The port of the server that holds the root.
std::uint16_t RootPort() {
  std::ifstream config(WorldSettings().unbound_config);
  bool root = false;
  for (std::string line; std::getline(config, line);) {
    if (line.find("name: ") != std::string::npos) root = line.find("\".\"") != std::string::npos;
    const std::size_t at = line.find('@');
    if (root && at != std::string::npos) return static_cast<std::uint16_t>(std::stoi(line.substr(at + 1)));
  }
  ADD_FAILURE() << "no server for the root in the world's configuration";
  return 0;
}

// An ordinary installation with that server for its resolver.
Settings::Dns Forwarding(std::uint16_t port) {
  Settings::Dns settings;
  settings.resolvers = {{Ip("127.0.0.1"), port}};
  settings.trust_anchor = FromEnvironment("HELOGUARD_DNSWORLD_TRUST_ANCHOR");
  return settings;
}

// The world's configuration with each line changed; `change` may add lines.
Settings::Dns Changed(const Folder& folder, const std::function<std::string(const std::string&)>& change) {
  std::ifstream world(WorldSettings().unbound_config);
  const std::string path = folder / "unbound.conf";
  std::ofstream mine(path);
  for (std::string line; std::getline(world, line);) mine << change(line) << "\n";
  Settings::Dns settings;
  settings.unbound_config = path;
  return settings;
}

CanaryReport Look(UnboundResolver& resolver) {
  std::promise<CanaryReport> promise;
  resolver.Look([&](CanaryReport report) { promise.set_value(std::move(report)); });
  return promise.get_future().get();
}

// Hands queries on to a server. While it strips, they go without EDNS, as from a forwarder that knows no DNSSEC, and so
// nothing that comes back holds DNSSEC records (RFC 4035 section 3.2.1).
class Forwarder {
 public:
  explicit Forwarder(std::uint16_t server) : server_(Address(server)) {
    sockaddr_in address = Address(0);
    socklen_t size = sizeof address;
    bind(listening_, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~Forwarder() {
    eventfd_write(stop_, 1);
    thread_.join();
    for (const int fd : {listening_, asking_, stop_}) close(fd);
  }
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

  std::atomic<bool> strips{true};

 private:
  static sockaddr_in Address(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  void Serve() {
    pollfd fds[2] = {{listening_, POLLIN, 0}, {stop_, POLLIN, 0}};
    while (poll(fds, 2, -1) > 0 && fds[1].revents == 0) {
      if (fds[0].revents != 0) HandOn();
    }
  }
  void HandOn() {
    char buffer[4096];
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const ssize_t length = recvfrom(listening_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&peer), &size);
    if (length < 17) return;
    std::string query(buffer, static_cast<std::size_t>(length));
    if (strips) {
      query.resize(query.find('\0', 12) + 5);  // header and question
      query[11] = 0;                           // no additional record
    }
    sendto(asking_, query.data(), query.size(), 0, reinterpret_cast<const sockaddr*>(&server_), sizeof server_);
    pollfd answered[2] = {{asking_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (poll(answered, 2, -1) <= 0 || answered[0].revents == 0) return;
    const ssize_t got = recv(asking_, buffer, sizeof buffer, 0);
    if (got > 0) {
      sendto(listening_, buffer, static_cast<std::size_t>(got), 0, reinterpret_cast<const sockaddr*>(&peer), size);
    }
  }

  sockaddr_in server_;
  int listening_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int asking_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int stop_ = eventfd(0, EFD_CLOEXEC);
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST(CanaryInTheWorld, Well) {
  for (const Settings::Dns& settings : {WorldSettings(), Forwarding(RootPort())}) {
    auto resolver = StartResolver(settings);
    for (int i = 0; i < 3; ++i) {
      const CanaryReport report = Look(*resolver);
      EXPECT_EQ(report.state, ResolverState::kWell) << report.why;
      EXPECT_EQ(report.why, "");
    }
  }
}

// One canary that validates is enough, and so is one that is proven not to be signed. A denial without proof is not.
TEST(CanaryInTheWorld, OneGoodCanaryIsEnough) {
  Settings::Dns settings = WorldSettings();
  for (const char* good : {"goodcorp.com", "plainhost.net", "gone.goodcorp.com"}) {
    settings.health_canaries = {Name("silentdns.net"), Name("oldsigs.org"), Name(good)};
    auto resolver = StartResolver(settings);
    const CanaryReport report = Look(*resolver);
    EXPECT_EQ(report.state, ResolverState::kWell) << good << ": " << report.why;
  }
  settings.health_canaries = {Name("gone.plainhost.net")};
  auto resolver = StartResolver(settings);
  EXPECT_EQ(Look(*resolver).state, ResolverState::kNoAnswer);
}

TEST(CanaryInTheWorld, NoAnswer) {
  Settings::Dns settings = WorldSettings();
  settings.deadline = 300ms;
  settings.health_canaries = {Name("silentdns.net"), Name("refused-dns.net")};
  for (const bool validate : {true, false}) {
    settings.validate = validate;
    auto resolver = StartResolver(settings);
    const CanaryReport report = Look(*resolver);
    EXPECT_EQ(report.state, ResolverState::kNoAnswer);
    EXPECT_EQ(report.why, "no answer about silentdns.net, refused-dns.net from the servers of " +
                              settings.unbound_config +
                              " (dns.unbound_config): see that this host reaches them, or change that file");
  }
}

TEST(CanaryInTheWorld, BadAnchor) {
  const char* wrong = ". IN DS 1 13 2 1111111111111111111111111111111111111111111111111111111111111111";
  const Folder folder;
  Settings::Dns forwarding = Forwarding(RootPort());
  forwarding.trust_anchor = folder / "wrong.key";
  std::ofstream(forwarding.trust_anchor) << wrong << "\n";
  const Settings::Dns own = Changed(folder, [&](const std::string& line) {
    return line.find("trust-anchor-file") == std::string::npos ? line
                                                               : "  trust-anchor: \"" + std::string(wrong) + "\"";
  });
  for (const Settings::Dns& settings : {forwarding, own}) {
    auto resolver = StartResolver(settings);
    const CanaryReport report = Look(*resolver);
    EXPECT_EQ(report.state, ResolverState::kBadAnchor) << report.why;
    const bool is_own = !settings.unbound_config.empty();
    EXPECT_THAT(report.why, HasSubstr(is_own ? settings.unbound_config + " (dns.unbound_config)"
                                             : settings.trust_anchor + " (dns.trust_anchor)"));
  }
}

TEST(CanaryInTheWorld, ACanaryThatIsBogusByItselfIsNamed) {
  Settings::Dns settings = WorldSettings();
  settings.health_canaries = {Name("wrongds.org")};
  auto resolver = StartResolver(settings);
  const CanaryReport report = Look(*resolver);
  EXPECT_EQ(report.state, ResolverState::kBadAnchor);
  EXPECT_THAT(report.why, AllOf(HasSubstr("wrongds.org"), HasSubstr("dns.health_canaries")));
}

// RFC 4035 section 5.3.1: before their inception and after their expiration signatures are not valid.
TEST(CanaryInTheWorld, BadClock) {
  for (const char* date : {"20300101000000", "20200101000000"}) {
    const Folder folder;
    auto resolver = StartResolver(Changed(folder, [&](const std::string& line) {
      return line == "server:" ? line + "\n  val-override-date: \"" + date + "\"" : line;
    }));
    const CanaryReport report = Look(*resolver);
    EXPECT_EQ(report.state, ResolverState::kBadClock) << report.why;
    EXPECT_THAT(report.why, HasSubstr("set the clock"));
  }
  Settings::Dns settings = WorldSettings();
  settings.health_canaries = {Name("oldsigs.org")};
  auto resolver = StartResolver(settings);
  EXPECT_EQ(Look(*resolver).state, ResolverState::kBadClock);
}

TEST(CanaryInTheWorld, ValidatesOnceDnssecRecordsComeAndFromThenOnForGood) {
  Forwarder forwarder(RootPort());
  auto resolver = StartResolver(Forwarding(forwarder.port()));
  EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).status, DnsStatus::kBogus);
  const CanaryReport stripped = Look(*resolver);
  EXPECT_EQ(stripped.state, ResolverState::kNoRecords) << stripped.why;
  EXPECT_THAT(stripped.why, HasSubstr("signatures (RRSIG)"));
  for (const char* name : {"mail.goodcorp.com", "mail.brokensig.org"}) {
    const DnsAnswer answer = Answer(*resolver, A(name));
    EXPECT_EQ(answer.status, DnsStatus::kAnswer) << name;
    EXPECT_EQ(answer.dnssec, Dnssec::kIndeterminate) << name;
  }

  forwarder.strips = false;
  EXPECT_EQ(Answer(*resolver, A("a1.goodcorp.com")).dnssec, Dnssec::kIndeterminate);  // nobody has looked yet
  EXPECT_EQ(Look(*resolver).state, ResolverState::kWell);
  EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).dnssec, Dnssec::kSecure);
  EXPECT_EQ(Answer(*resolver, A("mail.brokensig.org")).status, DnsStatus::kBogus);

  forwarder.strips = true;
  EXPECT_EQ(Look(*resolver).state, ResolverState::kNoRecords);
  EXPECT_EQ(Answer(*resolver, A("mail.customer.com")).status, DnsStatus::kBogus);
}

// RFC 5011: the library replaces the DS it was given by the zone's key, and looks never write the file.
TEST(CanaryInTheWorld, TheKeptAnchorIsWrittenByTheWorkingContextAlone) {
  const Folder folder;
  Settings::Dns settings = Forwarding(RootPort());
  settings.auto_trust_anchor = folder / "root.key";
  auto resolver = StartResolver(settings);
  const std::string made = Slurp(settings.auto_trust_anchor);
  EXPECT_THAT(made, HasSubstr("DS"));
  EXPECT_EQ(Look(*resolver).state, ResolverState::kWell);
  EXPECT_EQ(Slurp(settings.auto_trust_anchor), made);

  EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).dnssec, Dnssec::kSecure);
  const std::string kept = Slurp(settings.auto_trust_anchor);
  EXPECT_THAT(kept, AllOf(HasSubstr("DNSKEY"), HasSubstr(";;state=2 [  VALID  ]")));
  EXPECT_EQ(Look(*resolver).state, ResolverState::kWell);
  EXPECT_EQ(Slurp(settings.auto_trust_anchor), kept);

  settings.trust_anchor = "/nonexistent/root.key";  // is not needed any more
  resolver = StartResolver(settings);
  EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).dnssec, Dnssec::kSecure);
  EXPECT_THAT(resolver->description(),
              HasSubstr("validating with " + settings.auto_trust_anchor + " (kept up to date)"));
}

}  // namespace
}  // namespace heloguard
