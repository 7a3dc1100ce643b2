// What is wrong with our own resolver, told on stderr to whoever runs a command.
#pragma once

#include <string_view>

#include "heloguard/session.h"

namespace heloguard {

// Hears the resolver's troubles; judgements are printed by the command. Thread rule: any thread.
class Complaints final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override {}
  void Alarm(std::string_view text) override;
};

// What is wrong with our own DNS is no fault of the client's.
void WarnOfResolver(const CanaryReport& report, EventSink* sink);

}  // namespace heloguard
