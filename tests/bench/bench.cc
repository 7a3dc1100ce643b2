// What a judgement costs, step by step, on one core without network, beside baselines of the same run: absolute figures
// move from machine to machine, the ratios hold. script/bench runs it. Usage: heloguard_bench POLICY.toml
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <random>

#include "dns_text.h"
#include "heloguard/session.h"
#include "policy_reader.h"
#include "simulated_world.h"

namespace heloguard {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Nanoseconds a call: the median of five rounds of about a tenth of a second.
double Time(const std::function<void()>& call) {
  std::array<double, 5> rounds{};
  for (double& round : rounds) {
    const auto start = SteadyClock::now();
    std::size_t calls = 0;
    auto now = start;
    while (now - start < std::chrono::milliseconds(100)) {
      for (int i = 0; i < 16; ++i) call();
      calls += 16;
      now = SteadyClock::now();
    }
    round = std::chrono::duration<double, std::nano>(now - start).count() / static_cast<double>(calls);
  }
  std::ranges::sort(rounds);
  return rounds[2];
}

void Print(const char* what, double ns, double baseline) {
  std::printf("%-48s %10.0f ns   %6.2f\n", what, ns, ns / baseline);
}

std::vector<std::string> SomeNames() {
  std::mt19937 random(1);
  const std::array<const char*, 6> hosts{"mail", "mx1", "dsl-198-51-100-7", "pool-7.dyn", "smtp-out-3", "host"};
  std::vector<std::string> names;
  for (int i = 0; i < 997; ++i) {
    std::string domain;
    for (int c = 0; c < 8; ++c) domain += static_cast<char>('a' + random() % 26);
    names.push_back(std::string(hosts[random() % hosts.size()]) + "." + domain + ".com");
  }
  return names;
}

class Silent final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override {}
};

// A whole session on scripted DNS that answers at once: connect, HELO, MAIL, RCPT, close.
void RunSession(const std::shared_ptr<const Policy>& policy, const std::string& helo) {
  SimulatedWorld world;
  Silent sink;
  const IpAddress client = testing::Ip("198.51.100.7");
  world.Script(testing::Ptr("198.51.100.7"), testing::Names({helo}));
  world.Script({DomainName::FromText(helo).value(), RecordType::kA}, testing::Addresses({"198.51.100.7"}));
  SessionWorld around;
  around.resolver = &world;
  around.clock = &world;
  around.sink = &sink;
  Session session("0123456789abcdef", policy, around, {});
  ConnectInfo info;
  info.client = client;
  session.OnConnect(info);
  session.OnHelo(helo, false);
  session.OnMail("<a@example.org>", false, false);
  session.OnRcpt("<b@example.net>");
  session.OnClose();
}

int Run(const char* path) {
  PolicyReadOptions options;
  options.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const LoadedPolicy loaded = ReadPolicy(path, options);
  if (!loaded.policy) {
    for (const Diagnostic& d : loaded.diagnostics) std::fprintf(stderr, "%s\n", d.error.ToString().c_str());
    return 78;
  }
  const std::vector<std::string> names = SomeNames();
  std::size_t next = 0;
  const auto name = [&]() -> const std::string& { return names[next++ % names.size()]; };
  std::vector<Pattern> patterns;
  for (const auto& [list_name, list] : loaded.policy->lists) {
    if (!list->patterns) continue;
    const auto& some = list->patterns->patterns();
    patterns.insert(patterns.end(), some.begin(), some.end());
  }
  Diagnostics errors;
  const auto set = PatternSet::Compile(patterns, &errors);
  if (!set) return 70;

  std::size_t sink = 0;  // printed, so that nothing is optimised away
  std::printf("%-48s %13s   ratio\n", "step", "time");
  const double parse = Time([&] { sink += ParseHelo(name()).name.size(); });
  Print("parse a HELO (baseline)", parse, parse);
  Print("organisational domain", Time([&] { sink += HostPart(*DomainName::FromText(name())).size(); }), parse);
  const std::string count = std::to_string(patterns.size());
  const double one_pass = Time([&] { sink += set->Match(name()).pattern != nullptr ? 1 : 0; });
  Print(("match " + count + " patterns in one pass").c_str(), one_pass, parse);
  Print("load the policy", Time([&] { sink += ReadPolicy(path, options).diagnostics.size(); }), parse);
  Print("a whole session, DNS scripted", Time([&] { RunSession(loaded.policy, name()); }), parse);
  std::printf("(%zu)\n", sink % 10);
  return 0;
}

}  // namespace
}  // namespace heloguard

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: heloguard_bench POLICY.toml\n");
    return 64;
  }
  return heloguard::Run(argv[1]);
}
