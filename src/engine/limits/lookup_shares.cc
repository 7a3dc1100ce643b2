// Weighs who asks and whom against what is under way (lookup_shares.h). Knows no resolver and no session.
// Tests: tests/scenario/lookup_shares_test.cc.
#include "engine/limits/lookup_shares.h"

#include <algorithm>

#include "heloguard/dns/zone.h"

namespace heloguard {
namespace {

using std::chrono::seconds;
using namespace std::chrono_literals;

constexpr unsigned kSilences = 2;  // in a row: then a zone counts as silent
constexpr seconds kMinRetry{2};    // until the next question to a silent zone, doubled each time
constexpr seconds kMaxRetry{60};
constexpr seconds kHalfLife{30};  // of answers and silences
constexpr seconds kMemory{300};   // of a silent zone that nobody asks
constexpr seconds kTellEvery{60};
constexpr double kFirstWindow = 8;  // what one session may have to ask at once, and some more
// The resolver was busy with it for longer than any server takes that answers.
constexpr std::chrono::milliseconds kSilence{1'000};
constexpr std::chrono::milliseconds kMoment{250};
constexpr std::int64_t kSoon = 2'000ms / kMoment;

bool IsSilence(const DnsAnswer& answer) {
  return answer.status == DnsStatus::kTimeout || (answer.status == DnsStatus::kServFail && answer.elapsed >= kSilence);
}

// Counted by what an array of moments can tell apart.
std::int64_t MomentOf(Clock::TimePoint time) { return time.time_since_epoch() / kMoment; }

std::string KeyOf(const IpAddress& client) {
  const IpNetwork network = ClientNetworkOf(client);
  const auto bytes = network.address().bytes();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::optional<HeldBack> LookupShares::Admit(const DnsQuestion& question, const std::optional<IpAddress>& client) {
  const std::string zone_key = ZoneOf(question).ToWire();
  const auto now = clock_->Now();
  std::string telling;
  const std::optional<HeldBack> refusal = state_.With([&](State& state) {
    Load& zone = Find(&state.zones, zone_key, now);
    Load* const network = client ? &Find(&state.networks, KeyOf(*client), now) : nullptr;
    std::optional<HeldBack> why = Refusal(state, zone, network, now);
    if (why) {
      telling = Telling(&state, *why, client, network, now);
    } else {
      if (zone.in_flight++ == 0) zone.heard = now;
      if (network != nullptr) ++network->in_flight;
      in_flight_.fetch_add(1, std::memory_order_relaxed);
    }
    Sweep(&state, now);
    return why;
  });
  if (refusal) sink_->DnsHeldBack(*refusal);
  if (!telling.empty()) sink_->Alarm(telling);
  return refusal;
}

void LookupShares::Ended(const DnsQuestion& question, const std::optional<IpAddress>& client, const DnsAnswer& answer) {
  const DomainName zone = ZoneOf(question);
  const std::string zone_key = zone.ToWire();
  const auto now = clock_->Now();
  state_.With([&](State& state) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    if (!IsTransient(answer.status)) {
      if (now - state.answered >= kSilence) state.resumed = now;
      state.answered = now;
      state.moments[static_cast<std::size_t>(MomentOf(now)) % kMoments] = MomentOf(now);
    }
    const bool blamed = OthersAnswered(state, now - answer.elapsed);
    Count(&Find(&state.zones, zone_key, now), answer, blamed, now);
    if (client) Count(&Find(&state.networks, KeyOf(*client), now), answer, blamed, now);
  });
  if (heard_) heard_(zone, client, answer);
}

void LookupShares::Forgive() {
  state_.With([](State& state) {
    for (Loads* loads : {&state.zones, &state.networks}) {
      for (auto& [key, load] : *loads) load.silent = load.silent_in_a_row = 0;
    }
  });
}

std::optional<HeldBack> LookupShares::Refusal(const State& state, const Load& zone, const Load* network,
                                              Clock::TimePoint now) const {
  const std::size_t few = std::max<std::size_t>(limit_ / 64, 8);
  if (zone.silent_in_a_row >= kSilences && (now < zone.retry || zone.in_flight > 0)) return HeldBack::kZone;
  // Neither while nobody answers nor in the first moments after: what was asked meanwhile is still under way.
  const auto since = std::max(zone.heard, state.resumed);
  if (zone.in_flight >= few && now - since >= kSilence && state.answered - since >= kMoment) return HeldBack::kZone;
  if (network != nullptr && network->in_flight >= std::max(limit_ / 16, few) &&
      static_cast<double>(network->in_flight) + network->silent > network->answered) {
    return HeldBack::kNetwork;
  }
  const std::size_t all = in_flight();
  if (all >= limit_) return HeldBack::kFull;
  if (all < limit_ / 2) return std::nullopt;
  const std::size_t share = (limit_ - all + 7) / 8;
  if (zone.in_flight >= share) return HeldBack::kShare;
  if (network == nullptr) return std::nullopt;
  const double window = kFirstWindow + 2 * network->answered - network->silent;
  const auto under_way = static_cast<double>(network->in_flight);
  if (network->in_flight >= share || under_way >= std::max(window, 1.0)) return HeldBack::kShare;
  return std::nullopt;
}

LookupShares::Load& LookupShares::Find(Loads* loads, const std::string& key, Clock::TimePoint now) {
  const auto [entry, fresh] = loads->try_emplace(key);
  Load& load = entry->second;
  if (fresh) load.halved = now;
  // After so many halvings nothing is left.
  for (unsigned i = 0; i < 64 && now - load.halved >= kHalfLife; ++i) {
    load.answered /= 2;
    load.silent /= 2;
    load.halved += kHalfLife;
  }
  return load;
}

bool LookupShares::OthersAnswered(const State& state, Clock::TimePoint asked) {
  const std::int64_t begin = MomentOf(asked) + 1;
  for (std::int64_t moment = begin; moment < begin + kSoon; ++moment) {
    if (state.moments[static_cast<std::size_t>(moment) % kMoments] == moment) return true;
  }
  return false;
}

// Takes down how a question ended.
void LookupShares::Count(Load* load, const DnsAnswer& answer, bool blamed, Clock::TimePoint now) {
  if (IsSilence(answer)) {
    ++load->silent;
    // Those that were under way together are one silence, and none if the zone answered another question meanwhile.
    const auto asked = now - answer.elapsed;
    if (blamed && now >= load->retry && asked >= load->heard && asked >= load->silence) {
      load->silence = now;
      const unsigned doublings = std::min(load->silent_in_a_row++, 5U);
      load->retry = now + std::min<seconds>(kMinRetry * (1U << doublings), kMaxRetry);
    }
  } else if (!IsTransient(answer.status)) {
    ++load->answered;
    load->heard = now;
    load->silent_in_a_row = 0;
    load->retry = {};
  }
  --load->in_flight;
}

// Forgets those of which nothing is under way and nothing bad is known.
void LookupShares::Sweep(State* state, Clock::TimePoint now) {
  if (now - state->swept < kHalfLife / 2) return;
  state->swept = now;
  for (Loads* loads : {&state->zones, &state->networks}) {
    std::erase_if(*loads, [now](const auto& entry) {
      const Load& load = entry.second;
      const bool silent =
          load.silent_in_a_row >= kSilences ? now < load.retry + kMemory : now < load.halved + kHalfLife;
      return load.in_flight == 0 && !silent;
    });
  }
}

// A dead zone is nothing to tell of: the world is full of them.
std::string LookupShares::Telling(State* state, HeldBack why, const std::optional<IpAddress>& client,
                                  const Load* network, Clock::TimePoint now) {
  if (why == HeldBack::kZone || network == nullptr) return "";
  if (state->ever_told && now - state->told < kTellEvery) return "";
  state->ever_told = true;
  state->told = now;
  return "DNS lookups for client network " + ClientNetworkOf(*client).ToString() + " are held back (" +
         std::string(NameOf(why)) + "): " + std::to_string(network->in_flight) +
         " are under way; what they ask is unknown to this network's sessions alone";
}

}  // namespace heloguard
