// One event, several listeners.
#pragma once

#include <utility>
#include <vector>

#include "heloguard/ports.h"

namespace heloguard {

// Tells every sink in order. Thread rule: as its sinks, which outlive it.
class EventFanout final : public EventSink {
 public:
  explicit EventFanout(std::vector<EventSink*> sinks) : sinks_(std::move(sinks)) {}

  void SessionOpened() override {
    for (EventSink* sink : sinks_) sink->SessionOpened();
  }
  void Judged(const SessionReport& report) override {
    for (EventSink* sink : sinks_) sink->Judged(report);
  }
  void Differed(const CandidateReport& report) override {
    for (EventSink* sink : sinks_) sink->Differed(report);
  }
  void Waited(std::chrono::microseconds time) override {
    for (EventSink* sink : sinks_) sink->Waited(time);
  }
  void LookedUp(const DnsQuestion& question, const DnsAnswer& answer) override {
    for (EventSink* sink : sinks_) sink->LookedUp(question, answer);
  }
  void DnsHeldBack(HeldBack why) override {
    for (EventSink* sink : sinks_) sink->DnsHeldBack(why);
  }
  void OverLimit(Limit limit) override {
    for (EventSink* sink : sinks_) sink->OverLimit(limit);
  }
  void EvidenceUsed(CacheUse use) override {
    for (EventSink* sink : sinks_) sink->EvidenceUsed(use);
  }
  void EvidenceHeld(std::size_t entries, std::size_t bytes, std::size_t evicted) override {
    for (EventSink* sink : sinks_) sink->EvidenceHeld(entries, bytes, evicted);
  }
  void HealthChanged(bool healthy) override {
    for (EventSink* sink : sinks_) sink->HealthChanged(healthy);
  }
  void Alarm(std::string_view text) override {
    for (EventSink* sink : sinks_) sink->Alarm(text);
  }

 private:
  std::vector<EventSink*> sinks_;
};

}  // namespace heloguard
