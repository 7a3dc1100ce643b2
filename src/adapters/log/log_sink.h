// Log lines through spdlog: formatted by whoever logs, written by a thread of their own from a bounded queue. A target
// that does not keep up costs lines, the oldest first, and never a session's time; what was dropped is counted.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "heloguard/base/result.h"
#include "heloguard/session.h"
#include "heloguard/settings.h"

namespace heloguard {

// The one line of a judgement: key=value with stable keys (listed in decision_line.cc), every untrusted byte escaped,
// at most kMaxLogLine bytes without what the target puts in front (time, level); or the same as one JSON object. Pure.
inline constexpr std::size_t kMaxLogLine = 1024;
[[nodiscard]] std::string FormatReport(const SessionReport& report, LogFormat format, bool envelope);
// The line of a difference: the same keys for the policy in force, behind candidate=, candidate_rule= and
// candidate_score=.
[[nodiscard]] std::string FormatDifference(const CandidateReport& report, LogFormat format, bool envelope);
// The line of refusals that had none of their own: repeated=, within_s=, client=, verdict=, rule=, mode=.
struct Repeated;
[[nodiscard]] std::string FormatRepeated(const Repeated& repeated, LogFormat format);

// Thread rule: any thread.
class Log final : public EventSink {
 public:
  // Errors: kConfig or kUnavailable with the setting's name if the target cannot be opened.
  [[nodiscard]] static Result<std::unique_ptr<Log>> Open(const Settings::Log& settings);
  // Writes what is queued.
  ~Log() override;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Judged(const SessionReport& report) override;                             // info
  void Differed(const CandidateReport& report) override;                         // info
  void LookedUp(const DnsQuestion& question, const DnsAnswer& answer) override;  // debug
  // warning
  void Alarm(std::string_view text) override;

  void Info(std::string_view text);
  void Error(std::string_view text);
  // Returns when every line logged so far is written or dropped, or after a few seconds with a target that hangs.
  void Flush();
  // Lines dropped since the start: for want of room in the queue, or because the target failed.
  [[nodiscard]] std::size_t dropped() const;

 private:
  class Impl;
  explicit Log(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace heloguard
