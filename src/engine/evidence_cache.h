// What DNS said about clients, HELO names, and the two together, kept for the sessions that come after, above the
// library's own cache of records: a client that is known costs no lookup, no wait, and one short lock on a sixteenth of
// the cache.
//
// Evidence lives as long as the smallest TTL it used (a denial's by its SOA, RFC 2308 section 5), an hour at most; what
// could not be found out (timeout, SERVFAIL, bogus) five seconds; what was not asked, not at all. Sessions that need
// the same evidence at the same time ask once.
//
// Thread rule: any thread. No lock is held while the resolver is asked or anybody waits.
#pragma once

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "engine/evidence_source.h"
#include "os/lock_guarded.h"

namespace heloguard {

class EvidenceCache final : public EvidenceSource {
 public:
  // Holds about `max_bytes`. What is pointed to outlives the cache, and the cache outlives the resolver's last
  // callback.
  EvidenceCache(std::size_t max_bytes, const AnswerSources& sources, const Clock* clock, EventSink* sink);

  [[nodiscard]] Found Get(const DnsGather::Plan& plan) override;
  // Forgets everything: what an ill resolver said is not to be believed when it is well again.
  void Clear();

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<DnsGather> gather;
    Clock::TimePoint good_until;  // while it is under way: when nobody believes in it any more
    std::size_t bytes = 0;        // 0: under way
  };
  struct Shard {
    std::list<Entry> by_use;                                                  // the last used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;  // views of the entries' own keys
    std::size_t bytes = 0;
  };
  static constexpr std::size_t kShards = 16;

  void Settle(const std::string& key, const DnsGather& gather);
  [[nodiscard]] LockGuarded<Shard>& ShardOf(const std::string& key);
  // Takes an entry out; what is returned is to be freed when the lock is gone.
  std::list<Entry> TakeOut(Shard* shard, std::list<Entry>::iterator entry);
  // Takes out those used longest ago until the shard keeps to its size.
  std::list<Entry> Evict(Shard* shard);

  const std::size_t shard_bytes_;
  const AnswerSources sources_;
  const Clock* const clock_;
  EventSink* const sink_;
  std::array<LockGuarded<Shard>, kShards> shards_;
  std::atomic<std::size_t> entries_{0};
  std::atomic<std::size_t> bytes_{0};
};

// What tells the evidence of two plans apart, as bytes: the lookups wanted, and the inputs their rows hang on, each
// with its length. Plans that differ in other inputs only share their evidence.
[[nodiscard]] std::string EvidenceKeyOf(const DnsGather::Plan& plan);

// How long a book of answers may be used from when its first question was asked. Zero: not at all.
[[nodiscard]] std::chrono::seconds LifetimeOf(const DnsAnswers& answers);

}  // namespace heloguard
