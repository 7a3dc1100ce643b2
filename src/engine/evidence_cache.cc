// Keeps gathers: under way, so that sessions can join them, and finished, as long as their answers are good. Knows
// nothing of what the answers mean but whether they say anything. Tests: tests/scenario/evidence_cache_test.cc.
#include "engine/evidence_cache.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <span>
#include <utility>

namespace heloguard {
namespace {

constexpr std::chrono::seconds kMaxLifetime{3'600};
constexpr std::chrono::seconds kTransient{5};  // long enough for a burst, too short to be felt when DNS recovers
// The library answers every question within a minute or so. A gather older than this has lost an answer.
constexpr std::chrono::seconds kLost{120};

// Of up to 255 octets; none at all is told apart from every address and every name, the root included.
template <class Bytes>
void AppendCounted(const Bytes& bytes, std::string* key) {
  *key += static_cast<char>(bytes.size());
  key->append(bytes.begin(), bytes.end());
}

// About what a book takes in memory: its own size, and what its names hold beside it.
std::size_t BytesOf(const DnsAnswers& answers) {
  // Short ones lie in the string itself; of others there is a block beside it, with its final 0 and malloc's head.
  const auto text_bytes = [](const std::string& text) { return text.capacity() > 15 ? text.capacity() + 16 : 0; };
  const auto name_bytes = [&](const DomainName& name) {
    std::size_t bytes = name.labels().capacity() * sizeof(std::string);
    for (const std::string& label : name.labels()) bytes += text_bytes(label);
    return bytes;
  };
  std::size_t bytes = answers.entries().capacity() * sizeof(DnsAnswers::Entry);
  for (const auto& [question, answer] : answers.entries()) {
    bytes += name_bytes(question.name) + text_bytes(answer.why) + answer.data.capacity() * sizeof(DnsRecord);
    for (const DnsRecord& record : answer.data) {
      if (const auto* name = std::get_if<DomainName>(&record)) bytes += name_bytes(*name);
      if (const auto* mx = std::get_if<MxRecord>(&record)) bytes += name_bytes(mx->exchange);
      if (const auto* txt = std::get_if<TxtRecord>(&record)) bytes += text_bytes(txt->text);
    }
  }
  return bytes;
}

constexpr std::size_t kMinShardEntries = 4;  // a shard has room for that many, however large they are
constexpr std::size_t kEntryOverhead = sizeof(DnsGather) + 384;  // list and map nodes, control block, and what the heap adds

}  // namespace

std::string EvidenceKeyOf(const DnsGather::Plan& plan) {
  using Bits = decltype(plan.wanted.bits());
  static_assert(std::numeric_limits<Bits>::digits >= LookupSet::kCapacity, "the key holds every lookup");
  std::string key;
  for (std::size_t octet = 0; octet < sizeof(Bits); ++octet) {
    key += static_cast<char>(plan.wanted.bits() >> (8 * octet) & 0xFFU);
  }
  const LookupInputs inputs = InputsFor(plan.wanted, plan.inputs);
  AppendCounted(inputs.client ? inputs.client->bytes() : std::span<const std::uint8_t>{}, &key);
  for (const auto* name : {&inputs.helo, &inputs.mail_domain}) AppendCounted(*name ? (*name)->ToWire() : "", &key);
  return key;
}

std::chrono::seconds LifetimeOf(const DnsAnswers& answers) {
  std::chrono::seconds life = answers.entries().empty() ? std::chrono::seconds{0} : kMaxLifetime;
  for (const auto& [question, answer] : answers.entries()) {
    if (answer.status == DnsStatus::kNotAsked) return std::chrono::seconds{0};
    life = std::min(life, IsTransient(answer.status) ? kTransient : std::chrono::seconds{answer.ttl});
  }
  return life;
}

EvidenceCache::EvidenceCache(std::size_t max_bytes, const AnswerSources& sources, const Clock* clock, EventSink* sink)
    : shard_bytes_(max_bytes / kShards), sources_(sources), clock_(clock), sink_(sink) {}

LockGuarded<EvidenceCache::Shard>& EvidenceCache::ShardOf(const std::string& key) {
  return shards_[std::hash<std::string>{}(key) % kShards];
}

std::list<EvidenceCache::Entry> EvidenceCache::TakeOut(Shard* shard, std::list<Entry>::iterator entry) {
  std::list<Entry> taken;
  shard->by_key.erase(entry->key);
  shard->bytes -= entry->bytes;
  bytes_ -= entry->bytes;
  --entries_;
  taken.splice(taken.begin(), shard->by_use, entry);
  return taken;
}

EvidenceCache::Found EvidenceCache::Get(const DnsGather::Plan& plan) {
  std::string key = EvidenceKeyOf(plan);
  const auto now = clock_->Now();
  std::list<Entry> stale;
  Found found = ShardOf(key).With([&](Shard& shard) -> Found {
    if (const auto it = shard.by_key.find(key); it != shard.by_key.end()) {
      const auto entry = it->second;
      // One session that may not ask must not leave another without an answer.
      if (now < entry->good_until && !entry->gather->HeldBack()) {
        shard.by_use.splice(shard.by_use.begin(), shard.by_use, entry);
        return {entry->gather, entry->bytes == 0 ? CacheUse::kJoin : CacheUse::kHit};
      }
      stale = TakeOut(&shard, entry);
    }
    shard.by_use.push_front({key, DnsGather::Create(plan, sources_, *clock_), now + kLost, 0});
    const auto entry = shard.by_use.begin();
    shard.by_key.emplace(entry->key, entry);
    ++entries_;
    return {entry->gather, CacheUse::kMiss};
  });
  if (sink_ != nullptr) sink_->EvidenceUsed(found.use);
  if (found.use != CacheUse::kMiss) return found;
  found.gather->Begin([this, key = std::move(key), gather = found.gather.get()] { Settle(key, *gather); });
  return found;
}

void EvidenceCache::Clear() {
  for (LockGuarded<Shard>& guarded : shards_) {
    std::list<Entry> gone;
    guarded.With([&](Shard& shard) {
      while (!shard.by_use.empty()) gone.splice(gone.end(), TakeOut(&shard, shard.by_use.begin()));
    });
  }
  if (sink_ != nullptr) sink_->EvidenceHeld(entries_, bytes_, 0);
}

// Those under way take no room yet, and whoever joins them later would ask again.
std::list<EvidenceCache::Entry> EvidenceCache::Evict(Shard* shard) {
  std::list<Entry> gone;
  auto entry = shard->by_use.end();
  while (shard->bytes > shard_bytes_ && entry != shard->by_use.begin()) {
    --entry;
    if (entry->bytes == 0) continue;
    const auto evicted = entry++;
    gone.splice(gone.end(), TakeOut(shard, evicted));
  }
  return gone;
}

void EvidenceCache::Settle(const std::string& key, const DnsGather& gather) {
  const DnsAnswers answers = gather.Answers(std::nullopt);
  const auto good_until = gather.created() + LifetimeOf(answers);
  const std::size_t bytes = BytesOf(answers) + 2 * key.capacity() + kEntryOverhead;
  // One that takes much of a shard would put many others out.
  const bool keep = clock_->Now() < good_until && bytes <= shard_bytes_ / kMinShardEntries;
  std::list<Entry> gone;
  std::size_t evicted = 0;
  ShardOf(key).With([&](Shard& shard) {
    const auto it = shard.by_key.find(key);
    if (it == shard.by_key.end() || it->second->gather.get() != &gather) return;  // given up meanwhile
    if (!keep) {
      gone = TakeOut(&shard, it->second);
      return;
    }
    it->second->good_until = good_until;
    it->second->bytes = bytes;
    shard.bytes += bytes;
    bytes_ += bytes;
    gone = Evict(&shard);
    evicted = gone.size();
  });
  if (sink_ != nullptr) sink_->EvidenceHeld(entries_, bytes_, evicted);
}

}  // namespace heloguard
