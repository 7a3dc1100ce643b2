// Where sessions get gathers that others may share: the seam between them and the evidence cache.
#pragma once

#include <memory>

#include "engine/dns_gather.h"

namespace heloguard {

class EvidenceSource {
 public:
  struct Found {
    std::shared_ptr<DnsGather> gather;  // finished for kHit, begun otherwise
    CacheUse use = CacheUse::kMiss;
  };

  EvidenceSource() = default;
  virtual ~EvidenceSource() = default;
  EvidenceSource(const EvidenceSource&) = delete;
  EvidenceSource& operator=(const EvidenceSource&) = delete;

  // The evidence `plan` is about. REQUIRES: the same limits and the same table in every call for the same lookups;
  // they are not part of what tells plans apart. Thread rule: any thread.
  [[nodiscard]] virtual Found Get(const DnsGather::Plan& plan) = 0;
};

}  // namespace heloguard
