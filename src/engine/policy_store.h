// The policy that new sessions get. A session keeps the snapshot it was given, whatever is published later.
//
// Thread rule: any thread.
#pragma once

#include <memory>

#include "heloguard/policy/policy.h"
#include "os/lock_guarded.h"

namespace heloguard {

class PolicyStore {
 public:
  // REQUIRES: policy not null.
  explicit PolicyStore(std::shared_ptr<const Policy> policy);

  // The newest snapshot, never null.
  [[nodiscard]] std::shared_ptr<const Policy> Current() const;
  // New sessions get `policy` from now on. Returns the one before, so that the last owner frees it outside the lock.
  // REQUIRES: policy not null.
  std::shared_ptr<const Policy> Publish(std::shared_ptr<const Policy> policy);

 private:
  LockGuarded<std::shared_ptr<const Policy>> policy_;
};

}  // namespace heloguard
