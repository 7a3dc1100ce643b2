// Counts verdicts. Knows no file, no log format and no output.
// Tests: tests/unit/replay/replay_tally_test.cc, tests/cli/replay_test.py.
#include "replay/replay_tally.h"

#include <algorithm>

namespace heloguard {
namespace {

// Bits of the table of clients: one that it is there, one a row, one a kind of change.
constexpr std::size_t kSeenBit = 0;
constexpr std::size_t kFirstRowBit = 1;

constexpr std::array<std::int64_t, 11> kBucketSizes{60,     300,     900,       3'600,      10'800,     21'600,
                                                    86'400, 604'800, 2'419'200, 31'536'000, 315'360'000};

constexpr std::int64_t kFarSeconds = std::int64_t{2} * 366 * 86'400;

std::size_t IndexOf(Outcome outcome) { return static_cast<std::size_t>(outcome); }

// The /24 or /64 a client is in.
std::string NetworkOf(const IpAddress& client) { return IpNetwork(client, client.is_v4() ? 24 : 64).ToString(); }

std::int64_t FloorDiv(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

// What was answered when the session took place; nullopt: nothing, or the log does not say.
std::optional<Outcome> OutcomeThen(const LoggedSession& session) {
  if (session.was) return session.was;
  switch (session.mta) {
    case MtaOutcome::kAccepted:
      return Outcome::kAccept;
    case MtaOutcome::kRefused:
      return Outcome::kReject;
    case MtaOutcome::kDeferred:
      return Outcome::kTempfail;
    case MtaOutcome::kNoMail:
    case MtaOutcome::kUnknown:
      return std::nullopt;
  }
  return std::nullopt;
}

// From what to what a session changes, if `harder` or `milder` say so of what it was compared to and of the verdict.
template <class Harder, class Milder>
std::optional<ReplayChange> Differing(const LoggedSession& session, const ReplayJudgement& judgement, Harder harder,
                                      Milder milder) {
  const ReplayVerdict& to = judgement.verdict;
  ReplayVerdict from;
  if (judgement.against) {
    from = *judgement.against;
  } else if (const auto then = OutcomeThen(session)) {
    from.outcome = from.worst = *then;
  } else {
    return std::nullopt;
  }
  const bool milder_counts = judgement.against || session.was || session.replaceable;
  if (!harder(from, to) && !(milder_counts && milder(from, to))) return std::nullopt;
  return ReplayChange{from.outcome, to.outcome};
}

// The next size that holds whole buckets of this one.
void Coarsen(ReplayTimes* times) {
  const auto* const next = std::ranges::find_if(kBucketSizes, [&](std::int64_t size) {
    return size > times->bucket_seconds && size % times->bucket_seconds == 0;
  });
  const std::int64_t size = next == kBucketSizes.end() ? times->bucket_seconds * 10 : *next;
  std::map<std::int64_t, ReplayBucket> coarser;
  for (const auto& [number, bucket] : times->buckets) {
    ReplayBucket& into = coarser[FloorDiv(number, size / times->bucket_seconds)];
    for (std::size_t i = 0; i < kOutcomes; ++i) into.verdicts[i] += bucket.verdicts[i];
    for (const auto& [row, count] : bucket.by_row) into.by_row[row] += count;
  }
  times->buckets = std::move(coarser);
  times->bucket_seconds = size;
}

std::uint64_t SessionsOf(const ReplayBucket& bucket) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : bucket.verdicts) sum += count;
  return sum;
}

// Drops what lies beyond a gap, looking from the median session to both sides.
void LeaveOutFarOnes(ReplayTimes* times) {
  auto& buckets = times->buckets;
  const std::int64_t widest = std::max(kFarSeconds / times->bucket_seconds, std::int64_t{1});
  std::uint64_t all = 0;
  for (const auto& [number, bucket] : buckets) all += SessionsOf(bucket);
  auto first = buckets.begin();
  for (std::uint64_t sum = SessionsOf(first->second); sum * 2 < all; sum += SessionsOf(first->second)) ++first;
  auto last = std::next(first);
  while (last != buckets.end() && last->first - std::prev(last)->first <= widest) ++last;
  while (first != buckets.begin() && first->first - std::prev(first)->first <= widest) --first;
  buckets.erase(last, buckets.end());
  buckets.erase(buckets.begin(), first);
  times->left_out = all;
  for (const auto& [number, bucket] : buckets) times->left_out -= SessionsOf(bucket);
}

}  // namespace

std::optional<ReplayChange> ChangeOf(const LoggedSession& session, const ReplayJudgement& judgement) {
  return Differing(
      session, judgement, [](const ReplayVerdict& from, const ReplayVerdict& to) { return from.worst < to.outcome; },
      [](const ReplayVerdict& from, const ReplayVerdict& to) { return to.worst < from.outcome; });
}

bool MayChange(const LoggedSession& session, const ReplayJudgement& judgement) {
  const auto seems = Differing(
      session, judgement, [](const ReplayVerdict& from, const ReplayVerdict& to) { return from.outcome < to.outcome; },
      [](const ReplayVerdict& from, const ReplayVerdict& to) { return to.outcome < from.outcome; });
  return seems && !ChangeOf(session, judgement);
}

std::size_t AddressTable::Hash::operator()(const IpAddress& address) const {
  const auto bytes = address.bytes();
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool AddressTable::Mark(const IpAddress& address, std::size_t bit) {
  auto found = index_.find(address);
  if (found == index_.end()) {
    if (index_.size() >= most_) {
      full_ = true;
      return false;
    }
    found = index_.emplace(address, bits_.size()).first;
    bits_.resize(bits_.size() + words_);
  }
  std::uint64_t& word = bits_[found->second + bit / 64];
  const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
  const bool fresh = (word & mask) == 0;
  word |= mask;
  return fresh;
}

ReplayTally::ReplayTally(const Policy& policy)
    : rows(policy.rules.size() + 2),
      clients(kFirstRowBit + rows.size() + kOutcomes * kOutcomes, kMaxClients),
      rule_count_(policy.rules.size()) {}

std::size_t ReplayTally::RowOf(const ReplayVerdict& verdict) const {
  if (verdict.rule) return *verdict.rule;
  return verdict.outcome == Outcome::kReject ? score_reject_row() : score_tempfail_row();
}

ReplayClient* ReplayTally::Add(const LoggedSession& session, std::shared_ptr<const ReplayJudgement> judgement) {
  ++sessions;
  ++sources[static_cast<std::size_t>(session.source)];
  if (session.source == LogSource::kHeloguard) ++own;
  const IpAddress* client = session.client ? &*session.client : nullptr;
  ++mta[static_cast<std::size_t>(session.mta)];
  if (client != nullptr) clients.Mark(*client, kSeenBit);
  if (!IsJudged(session, *judgement)) {
    if (client != nullptr) AddToNetwork(*client, {.sessions = 1});
    return nullptr;
  }
  const ReplayVerdict& verdict = judgement->verdict;
  const auto change = ChangeOf(session, *judgement);
  ++judged;
  if (!change && MayChange(session, *judgement)) ++may_change;
  if (verdict.worst > verdict.outcome) ++undecided;
  if (verdict.withheld) ++authentication_unknown;
  if (!judgement->rdns_status && client != nullptr) ++rdns_unknown;
  ++verdicts[IndexOf(verdict.outcome)];
  ++cross[static_cast<std::size_t>(session.mta)][IndexOf(verdict.outcome)];
  AddRules(verdict, client, change.has_value());
  AddToBucket(session.first, verdict);
  if (client != nullptr) {
    AddToNetwork(*client, {1, 1, verdict.outcome != Outcome::kAccept ? 1U : 0U, change ? 1U : 0U});
  }
  return change ? AddChanged(session, std::move(judgement), *change) : nullptr;
}

void ReplayTally::AddRules(const ReplayVerdict& verdict, const IpAddress* client, bool changed) {
  const auto count = [&](std::size_t row) {
    ++rows[row].sessions;
    if (changed) ++rows[row].changed;
    if (client != nullptr && clients.Mark(*client, kFirstRowBit + row)) ++rows[row].clients;
  };
  for (const std::size_t row : verdict.held) count(row);
  if (!verdict.rule && !verdict.by_score) return;
  const std::size_t row = RowOf(verdict);
  ++rows[row].decided;
  // A threshold holds where it decides; so does a rule that defers because it is undecided.
  if (std::ranges::find(verdict.held, row) == verdict.held.end()) count(row);
}

void ReplayTally::AddToNetwork(const IpAddress& client, const ReplayNetworkCount& more) {
  const std::string network = NetworkOf(client);
  auto found = networks.find(network);
  if (found == networks.end()) {
    if (networks.size() >= kMaxNetworks) {
      network_sessions_not_kept += more.sessions;
      return;
    }
    found = networks.emplace(network, ReplayNetworkCount{}).first;
  }
  found->second.sessions += more.sessions;
  found->second.judged += more.judged;
  found->second.refused += more.refused;
  found->second.changed += more.changed;
}

void ReplayTally::AddToBucket(LogTime time, const ReplayVerdict& verdict) {
  ReplayBucket& bucket = times_.buckets[FloorDiv(time.time_since_epoch().count(), times_.bucket_seconds)];
  ++bucket.verdicts[IndexOf(verdict.outcome)];
  if (verdict.outcome != Outcome::kAccept) ++bucket.by_row[RowOf(verdict)];
  // How many there are counts here, not how far apart: one wrong time makes no bar of all others.
  while (times_.buckets.size() > static_cast<std::size_t>(kMaxBuckets)) Coarsen(&times_);
}

ReplayTimes ReplayTally::OverTime() const {
  ReplayTimes times = times_;
  if (times.buckets.empty()) return times;
  LeaveOutFarOnes(&times);
  while (times.buckets.rbegin()->first - times.buckets.begin()->first >= kMaxBuckets) Coarsen(&times);
  return times;
}

ReplayClient* ReplayTally::AddChanged(const LoggedSession& session, std::shared_ptr<const ReplayJudgement> judgement,
                                      const ReplayChange& change) {
  ReplayChangeCount& count = changes[change];
  ++count.sessions;
  const std::size_t bit = kFirstRowBit + rows.size() + IndexOf(change.from) * kOutcomes + IndexOf(change.to);
  if (session.client && clients.Mark(*session.client, bit)) ++count.clients;
  std::string key = session.client ? session.client->ToString() : "-";
  key.append(1, ' ').append(1, static_cast<char>('0' + bit - kFirstRowBit - rows.size()));
  key.append(1, static_cast<char>('0' + static_cast<int>(session.mta)));
  key.append(1, static_cast<char>('0' + static_cast<int>(session.helo_known))).append(session.helo);
  const auto [found, fresh] = changed_index_.try_emplace(key, changed_clients.size());
  if (fresh && changed_clients.size() >= kMaxChangedClients) {
    changed_index_.erase(found);
    ++changed_sessions_not_kept;
    return nullptr;
  }
  if (fresh) {
    changed_clients.push_back({session, std::move(judgement), change, std::nullopt, 0, session.first, session.last});
  }
  ReplayClient& client = changed_clients[found->second];
  ++client.sessions;
  client.first = std::min(client.first, session.first);
  client.last = std::max(client.last, session.last);
  return fresh ? &client : nullptr;
}

}  // namespace heloguard
