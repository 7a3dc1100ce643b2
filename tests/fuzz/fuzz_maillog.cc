// Any bytes as a mail log, packed or not, in each form there is: reading ends, and what it makes of them keeps to its
// limits. Every line that a reader understands is a view into it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "adapters/maillog/mail_log.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

class Memory final : public ByteSource {
 public:
  explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {}
  std::size_t Read(std::span<char> into) override {
    constexpr std::size_t kStep = 997;
    const std::size_t size = std::min({into.size(), bytes_.size() - at_, kStep});
    std::copy_n(bytes_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }

 private:
  const std::string bytes_;
  std::size_t at_ = 0;
};

void CheckSession(const LoggedSession& session) {
  const bool own = session.source == LogSource::kHeloguard;
  Require(own || session.client.has_value());
  Require(session.was.has_value() == own);
  Require(session.first <= session.last);
  Require(session.helo.size() <= kMaxLoggedText && session.from.size() <= kMaxLoggedText);
  Require(session.to.size() <= kMaxLoggedText);
  Require(session.helo_known == HeloKnowledge::kSaid || session.helo.empty());
  Require(own || session.reached == Stage::kRcpt);
}

void TryLog(const std::string& bytes, LogChoice choice) {
  std::vector<std::unique_ptr<LogFile>> files;
  files.push_back(std::make_unique<LogFile>("fuzz.log", std::make_unique<Memory>(bytes),
                                            std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)));
  MailLog log = MailLog::Of(std::move(files));
  std::uint64_t sessions = 0;
  log.Read({choice, {}}, [&](const LoggedSession& session) {
    CheckSession(session);
    ++sessions;
  });
  Require(log.counts().size() == 1);
  const LogFileCount& count = log.counts().front();
  Require(count.skipped <= count.lines && sessions <= count.lines);
  Require(count.first.has_value() == (count.lines > count.skipped));
  for (const Diagnostic& problem : log.problems()) Require(problem.error.kind == ErrorKind::kInputData);
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heloguard;
  const std::string bytes(reinterpret_cast<const char*>(data), std::min(size, kMaxText));
  for (const LogChoice choice : {LogChoice::kAuto, LogChoice::kMta}) TryLog(bytes, choice);
  return 0;
}
