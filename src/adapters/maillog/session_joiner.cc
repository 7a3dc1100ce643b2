// Whose line a line is, and what becomes of the mail server's sessions that heloguard's own lines tell of as well. What
// a line adds to a session is in *_sessions.cc. Tests: tests/unit/adapters/maillog/session_joiner_test.cc,
// tests/integration/replay_test.py.
#include "adapters/maillog/session_joiner.h"

#include <utility>

#include "adapters/maillog/heloguard/own_sessions.h"
#include "adapters/maillog/mta_sessions.h"
#include "adapters/maillog/postfix/postfix_sessions.h"
#include "adapters/maillog/sendmail/sendmail_line.h"
#include "adapters/maillog/sendmail/sendmail_sessions.h"

namespace heloguard {

struct SessionJoiner::Impl {
  Impl(LogChoice choice_in, Sink sink_in)
      : choice(choice_in),
        sink(std::move(sink_in)),
        mta([this](MtaSession* session) { EndMta(session); }),
        postfix(&mta),
        own(sink) {}

  void EndMta(MtaSession* session) {
    if (!session->begun) {
      if (session->without_address) ++counts.without_address;
    } else if (session->forwarded) {
      ++counts.forwarded;
    } else if (choice == LogChoice::kAuto && own.Tell(session->host, session->said.last)) {
      ++counts.left_out;
    } else {
      session->Settle();
      sink(session->said);
    }
  }

  void Take(const SyslogLine& line) {
    const std::uint64_t host = SessionHash(line.host, 0);
    if (line.program == "heloguard") return TakeOwn(line, host);
    if (choice == LogChoice::kHeloguard) return;
    if (const auto service = PostfixServiceOf(line.program)) {
      postfix.Take(*service, line, host);
    } else if (IsSendmail(line.program)) {
      TakeSendmail(line, host, &mta);
    }
  }

  void TakeOwn(const SyslogLine& line, std::uint64_t host) {
    if (choice == LogChoice::kMta) return;
    mta.FinishIdle(line.time);  // by the lines that were there then
    own.Take(line, host);
  }

  const LogChoice choice;
  const Sink sink;
  Counts counts;
  MtaSessions mta;
  PostfixSessions postfix;
  OwnSessions own;
};

SessionJoiner::SessionJoiner(LogChoice choice, Sink sink) : impl_(std::make_unique<Impl>(choice, std::move(sink))) {}
SessionJoiner::~SessionJoiner() = default;

void SessionJoiner::Take(const SyslogLine& line) { impl_->Take(line); }

void SessionJoiner::Finish() {
  impl_->mta.FinishAll();
  impl_->own.FinishAll();
}

SessionJoiner::Counts SessionJoiner::counts() const {
  Counts counts = impl_->counts;
  counts.only_counted = impl_->own.only_counted();
  counts.crowded_out = impl_->mta.crowded_out() + impl_->own.crowded_out();
  return counts;
}

}  // namespace heloguard
