// Publishes policy snapshots. A plain lock around the pointer: std::atomic<std::shared_ptr> of libstdc++ 12 is one
// inside too, and the thread sanitizer cannot see through it. Tests: tests/unit/engine/policy_store_test.cc.
#include "engine/policy_store.h"

#include <utility>

namespace heloguard {

PolicyStore::PolicyStore(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

std::shared_ptr<const Policy> PolicyStore::Current() const {
  return policy_.With([](const std::shared_ptr<const Policy>& policy) { return policy; });
}

std::shared_ptr<const Policy> PolicyStore::Publish(std::shared_ptr<const Policy> policy) {
  return policy_.With(
      [&policy](std::shared_ptr<const Policy>& current) { return std::exchange(current, std::move(policy)); });
}

}  // namespace heloguard
