// The steps of a judgement one by one, on one core, without DNS of any kind.
#include <array>
#include <cstdio>
#include <functional>
#include <random>

#include "adapters/toml/policy_reader.h"
#include "bench.h"
#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "heloguard/base/public_suffix.h"
#include "measure.h"

namespace heloguard::bench {
namespace {

// Nanoseconds of processor time a call: the median of five rounds of about a tenth of a second.
double Time(const std::function<void()>& call) {
  std::vector<double> rounds;
  for (int round = 0; round < 5; ++round) {
    const Stopwatch watch;
    std::size_t calls = 0;
    while (watch.Seconds() < 0.1) {
      for (int i = 0; i < 16; ++i) call();
      calls += 16;
    }
    rounds.push_back(watch.ProcessorSeconds() * 1e9 / static_cast<double>(calls));
  }
  return Median(rounds);
}

void Print(const char* what, double ns, double baseline) {
  std::printf("%-48s %10.0f ns   %8.2f\n", what, ns, ns / baseline);
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

// A whole session on scripted DNS that answers at once: connect, HELO, MAIL, RCPT, close.
void RunSession(const std::shared_ptr<const Policy>& policy, const std::string& helo) {
  SimulatedServices world;
  Silent sink;
  world.Script(testing::Ptr("198.51.100.7"), testing::Names({helo}));
  world.Script(testing::A(helo), testing::Addresses({"198.51.100.7"}));
  Services around;
  around.resolver = &world;
  around.clock = &world;
  around.sink = &sink;
  DrivenSession session("0123456789abcdef", policy, around, {}, &world);
  ConnectInfo info;
  info.client = testing::Ip("198.51.100.7");
  session.OnConnect(info);
  session.OnHelo(helo, false);
  session.OnMail("<a@example.org>", false, false);
  session.OnRcpt("<b@example.net>");
  session.OnClose();
}

std::vector<Pattern> PatternsOf(const Policy& policy) {
  std::vector<Pattern> patterns;
  for (const auto& [name, list] : policy.lists) {
    if (!list->patterns) continue;
    const auto& some = list->patterns->patterns();
    patterns.insert(patterns.end(), some.begin(), some.end());
  }
  return patterns;
}

}  // namespace

void RunSteps(const std::string& policies) {
  const std::string path = policies + "/default.toml";
  const std::shared_ptr<const Policy> policy = LoadPolicy(path);
  const std::vector<std::string> names = SomeNames();
  std::size_t next = 0;
  const auto name = [&]() -> const std::string& { return names[next++ % names.size()]; };
  const std::vector<Pattern> patterns = PatternsOf(*policy);
  Diagnostics errors;
  const auto set = PatternSet::Compile(patterns, &errors);
  if (!set) Fail("the patterns do not compile");

  std::size_t sink = 0;  // printed, so that nothing is optimised away
  std::printf("%-48s %13s      ratio\n", "default.toml", "time");
  const double parse = Time([&] { sink += ParseHelo(name()).name.size(); });
  Print("parse a HELO (baseline)", parse, parse);
  Print("organisational domain", Time([&] { sink += HostPart(*DomainName::FromText(name())).size(); }), parse);
  const std::string count = std::to_string(patterns.size());
  const double one_pass = Time([&] { sink += set->Match(name()).pattern != nullptr ? 1U : 0U; });
  Print(("match " + count + " patterns in one pass").c_str(), one_pass, parse);
  Print("load the policy", Time([&] { sink += LoadPolicy(path)->rules.size(); }), parse);
  Print("a whole session, DNS scripted", Time([&] { RunSession(policy, name()); }), parse);
  std::printf("(%zu)\n", sink % 10);
}

}  // namespace heloguard::bench
