// Weighs canaries, failing lookups and who the clients are (resolver_health.h). Knows no resolver library and starts no
// thread: whoever owns it tells it what happens. Tests: tests/scenario/resolver_health_test.cc, which also simulates
// sites with much broken reverse DNS to show that the defaults do not take them for an ill resolver.
#include "engine/resolver_health.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "heloguard/dns/zone.h"

namespace heloguard {
namespace {

constexpr unsigned kBadLooks = 2;
constexpr unsigned kNamesPercent = 10;  // this many distinct HELO names among a hundred messages are "many"
constexpr std::size_t kFewestNames = 5;
constexpr std::size_t kFewestMessages = 20;
constexpr std::chrono::hours kAlive{1};  // how long a zone that answered is one that should

std::size_t HashOf(std::string_view text) { return std::hash<std::string_view>{}(text); }

}  // namespace

ResolverHealth::ResolverHealth(const Settings::Dns& limits, const Clock* clock, EventSink* told)
    : limits_(limits), clock_(clock), told_(told) {}

void ResolverHealth::Answered(const DomainName& zone, const std::optional<IpAddress>& client, const DnsAnswer& answer) {
  if (answer.status == DnsStatus::kNotAsked) return;
  const std::size_t network = client ? HashOf(ClientNetworkOf(*client).ToString()) : 0;
  News news;
  state_.With([&](State& state) {
    if (!Count(&state, HashOf(zone.ToWire()), network, !IsTransient(answer.status))) return;
    WeighFailures(&state, &news);
    Conclude(&state, &news);
  });
  Tell(news);
}

void ResolverHealth::Judged(const SessionReport& report) {
  // Our own programs and users come from where they come from.
  if (!report.inputs.client || report.inputs.client->IsLoopback() || !report.judgement.exempt.empty()) return;
  const Message message{*report.inputs.client, HashOf(report.inputs.helo ? report.inputs.helo->name : "")};
  News news;
  state_.With([&](State& state) {
    if (state.messages.size() < limits_.health_nat_messages) {
      state.messages.push_back(message);
    } else {
      state.messages[state.next_message] = message;
    }
    state.next_message = (state.next_message + 1) % limits_.health_nat_messages;
    // Every message weighs little: a look at each tenth of the window is enough.
    const std::size_t step = std::max<std::size_t>(limits_.health_nat_messages / 10, 1);
    if (state.messages.size() < kFewestMessages || state.next_message % step != 0) return;
    WeighMessages(&state);
    Conclude(&state, &news);
  });
  Tell(news);
}

void ResolverHealth::Looked(const CanaryReport& report) {
  News news;
  state_.With([&](State& state) {
    WeighCanary(&state, report, &news);
    // The next part of the window may ask for another look; this one does not.
    state.looking_at_once = true;
    WeighFailures(&state, &news);  // the window moves on without lookups too
    state.looking_at_once = false;
    Conclude(&state, &news);
  });
  Tell(news);
}

bool ResolverHealth::Count(State* state, std::size_t zone, std::size_t network, bool answered) const {
  const auto now = clock_->Now();
  const bool opened = now - state->buckets[state->current].start >= limits_.health_window / kBuckets;
  if (opened) {
    state->current = (state->current + 1) % kBuckets;
    state->buckets[state->current] = {now, {}, {}};
    ForgetOldZones(state);
  }
  const auto alive = state->alive.find(zone);
  if (alive == state->alive.end() && (!answered || state->alive.size() >= kMaxAlive)) return opened;
  if (answered) state->alive[zone] = now;
  const auto add = [answered](std::unordered_map<std::size_t, bool>* to, std::size_t what) {
    if (const auto it = to->find(what); it != to->end()) {
      it->second = it->second || answered;
    } else if (to->size() < kMaxZones) {
      to->emplace(what, answered);
    }
  };
  Bucket& bucket = state->buckets[state->current];
  add(&bucket.zones, zone);
  add(&bucket.networks, network);
  return opened;
}

// A zone that has been silent for an hour is dead, whoever asks for it.
void ResolverHealth::ForgetOldZones(State* state) const {
  const auto now = clock_->Now();
  std::erase_if(state->alive, [&](const auto& zone) { return now - zone.second >= kAlive; });
}

void ResolverHealth::WeighCanary(State* state, const CanaryReport& report, News* news) const {
  std::string& cause = state->causes[static_cast<std::size_t>(Cause::kCanary)];
  const bool first = !state->looked;
  state->looked = true;
  if (report.state == ResolverState::kWell) {
    state->bad_looks = 0;
    state->records_came = true;
    cause.clear();
    return;
  }
  // From the start without DNSSEC records: the resolver then goes without validation, which is no illness.
  if (report.state == ResolverState::kNoRecords && !state->records_came) {
    state->bad_looks = 0;
    cause.clear();
    if (!state->told_of_records) news->alarms.push_back("every DNSSEC state is indeterminate: " + report.why);
    state->told_of_records = true;
    return;
  }
  state->records_came |= report.state == ResolverState::kBadClock || report.state == ResolverState::kBadAnchor;
  ++state->bad_looks;
  if (!first && cause.empty() && state->bad_looks < kBadLooks) return;
  cause = report.why;
  if (state->ill && !state->told.Has(report.state)) news->alarms.push_back("DNS is still not to be trusted: " + cause);
  state->told.Add(report.state);
}

ResolverHealth::Share ResolverHealth::FailedOf(const State& state,
                                               std::unordered_map<std::size_t, bool> Bucket::*of) const {
  const auto now = clock_->Now();
  std::unordered_map<std::size_t, bool> merged;
  for (const Bucket& bucket : state.buckets) {
    if (now - bucket.start >= limits_.health_window) continue;
    for (const auto& [what, answered] : bucket.*of) {
      auto& any = merged.try_emplace(what, false).first->second;
      any = any || answered;
    }
  }
  Share share{merged.size(), 0};
  for (const auto& [what, answered] : merged) share.failed += answered ? 0 : 1;
  return share;
}

void ResolverHealth::WeighFailures(State* state, News* news) const {
  const Share zones = FailedOf(*state, &Bucket::zones);
  const Share networks = FailedOf(*state, &Bucket::networks);
  std::string& cause = state->causes[static_cast<std::size_t>(Cause::kFailures)];
  const unsigned limit = cause.empty() ? limits_.health_failure_percent : limits_.health_failure_percent * 3 / 4;
  const bool suspicious = zones.all >= limits_.health_min_zones && zones.Reaches(limit) && networks.Reaches(limit);
  if (!suspicious || state->bad_looks == 0) {
    cause.clear();
  } else if (cause.empty()) {
    cause = "lookups fail in " + std::to_string(zones.failed) + " of " + std::to_string(zones.all) +
            " zones asked for within " + std::to_string(limits_.health_window.count() / 1000) + " s";
  }
  news->look = suspicious && state->bad_looks == 0 && !state->looking_at_once;
  state->looking_at_once = state->looking_at_once || news->look;
}

void ResolverHealth::WeighMessages(State* state) const {
  std::map<IpAddress, std::size_t> counts;
  for (const Message& message : state->messages) ++counts[message.client];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  std::set<std::size_t> names;
  for (const Message& message : state->messages) {
    if (message.client == most->first) names.insert(message.helo);
  }
  const std::size_t all = state->messages.size();
  std::string& cause = state->causes[static_cast<std::size_t>(Cause::kNat)];
  if (most->first.IsGloballyReachable() || most->second * 100 < all * limits_.health_nat_percent ||
      names.size() < std::max(kFewestNames, all * kNamesPercent / 100)) {
    cause.clear();
  } else if (cause.empty()) {
    cause = std::to_string(most->second) + " of the last " + std::to_string(all) + " messages came from " +
            most->first.ToString() + ", which is no public address, under " + std::to_string(names.size()) +
            " HELO names: address translation in front of the MTA hides who the clients are";
  }
}

void ResolverHealth::Conclude(State* state, News* news) {
  std::string why;
  for (const std::string& cause : state->causes) {
    if (!cause.empty()) why += (why.empty() ? "" : "; ") + cause;
  }
  if (why.empty() != state->ill) return;
  state->ill = !why.empty();
  ill_.store(state->ill, std::memory_order_relaxed);
  news->changed = true;
  if (!state->ill) state->told = {};
  news->alarms.push_back(
      state->ill ? "DNS is not to be trusted, rules that rest on it refuse nothing until it recovers: " + why
                 : "DNS is to be trusted again, all rules are in force");
}

void ResolverHealth::Tell(const News& news) const {
  if (news.changed) told_->HealthChanged(!ill());  // of two changes at once both tell the last
  for (const std::string& alarm : news.alarms) told_->Alarm(alarm);
  if (news.look && look_) look_();
}

}  // namespace heloguard
