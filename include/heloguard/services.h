// What a session needs of the world around it.
//
// Thread rule: a value, copied into each session. Everything pointed to outlives the session and may be used from any
// thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "heloguard/dns/lookup.h"
#include "heloguard/facts/build_facts.h"
#include "heloguard/ports.h"

namespace heloguard {

class EvidenceSource;  // src/engine/evidence_source.h

struct Services {
  Resolver* resolver = nullptr;               // null: offline, nothing is asked
  Clock* clock = nullptr;                     // never null
  EventSink* sink = nullptr;                  // never null
  std::shared_ptr<const OwnIdentity> own;     // null: nobody in particular
  std::chrono::milliseconds deadline{4'000};  // of each gather, from its first question
  LookupLimits limits;
  std::string help_url;                  // "": none
  EvidenceSource* evidence = nullptr;    // null: every session asks for itself. Of the same resolver and limits
  LookupAdmission* admission = nullptr;  // null: whatever is to be asked is asked
  SessionAdmission* limits_of_sessions = nullptr;  // null: none
  const ResolverTrust* trust = nullptr;            // null: the resolver counts as well
};

}  // namespace heloguard
