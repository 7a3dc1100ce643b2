// One connection of a mail server, as the milter protocol has it: what happens at each stage, whatever carries it.
//
// A carrier (libmilter's callbacks, an event loop) turns its events into calls, waits in its own way while an event is
// pending (session.h), and says what ReplyTo makes of the answer:
//
//   Step step = conversation.Helo(text, encrypted);
//   while (step.pending()) step = ...it announced itself... ? conversation.Resume() : conversation.Expire(now);
//   MilterReply reply = conversation.ReplyTo(Stage::kHelo, std::move(step.answer));
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/milter/message_headers.h"
#include "adapters/milter/negotiation.h"
#include "engine/session_factory.h"
#include "heloguard/session.h"
#include "heloguard/settings.h"

namespace heloguard {

// What all conversations of a front end share, and outlive. Thread rule: any thread.
class MilterService {
 public:
  // `log_error`: one line, escaped.
  MilterService(SessionFactory sessions, Settings::Headers headers, OnInternalError on_internal_error,
                std::function<void(std::string_view)> log_error);

  [[nodiscard]] const SessionFactory& sessions() const { return sessions_; }
  [[nodiscard]] const Settings::Headers& headers() const { return headers_; }
  // What is answered where our own doing failed: by on_internal_error, without a reply text.
  [[nodiscard]] StageAnswer InternalError() const noexcept { return {internal_error_, std::nullopt}; }

  // Drops the line if the log itself fails.
  void LogError(std::string_view text) const noexcept;
  // As LogError, the first time only: what every message of an MTA would say again.
  void LogErrorOnce(std::string_view text) noexcept;
  // Logs the exception that was caught at `where`. REQUIRES: called from a catch block.
  void LogCaught(std::string_view where) const noexcept;

 private:
  const SessionFactory sessions_;
  const Settings::Headers headers_;
  const Outcome internal_error_;
  const std::function<void(std::string_view)> log_error_;
  std::atomic<bool> told_once_{false};
};

// What the MTA is told after an event. A reply goes with kReject (5yz) and kTempfail (4yz) only.
struct MilterReply {
  enum class Kind : std::uint8_t {
    kNone,      // nothing: negotiated so
    kContinue,  // go on; never "accept", which would end the milter's part in the whole connection
    kReject,
    kTempfail,
  };
  Kind kind = Kind::kContinue;
  std::optional<SmtpReply> reply;  // nullopt: the MTA uses words of its own
};

// What to change in the header of a message before it is accepted, in this order.
struct HeaderChanges {
  std::vector<int> remove;  // fields to delete, by their number among those called Authentication-Results; descending,
                            // so that no deletion changes a number that is still to come
  std::string insert;       // the value of a new such field above all others, the MTA's Received among them
};

struct MailEvent {
  std::string_view from;      // as the client wrote it; hostile bytes
  std::string_view mta_name;  // macro j; "" if not sent
  bool authenticated = false;
  bool encrypted = false;
};

// From negotiation (or the first event without one) to Close. Events may come in any order: HELO twice or never, MAIL
// without connect information, the end at any point.
//
// Nothing is thrown out of an event. What a session throws is logged once; that event and every later one is answered
// by on_internal_error. Thread rule: serial calls, from any thread.
class Conversation {
 public:
  // `service` outlives this. `ready` announces a pending event, as that of Session; null: nobody is told.
  explicit Conversation(MilterService* service, std::function<void()> ready = nullptr)
      : service_(service), ready_(std::move(ready)) {}

  // Takes the policy's snapshot and says what to ask of the MTA for it. If there is no policy: no more than nothing.
  [[nodiscard]] MilterTerms Negotiate(const MilterOffer& offer) noexcept;

  // Events. Each hands back what the session's event came to.
  [[nodiscard]] Step Connect(const ConnectInfo& info, MtaNotes notes) noexcept;
  // `text`: as Session::OnHelo.
  [[nodiscard]] Step Helo(std::string_view text, bool encrypted) noexcept;
  [[nodiscard]] Step Mail(const MailEvent& event, MtaNotes notes) noexcept;
  [[nodiscard]] Step Rcpt(std::string_view to, MtaNotes notes) noexcept;
  // The message has come whole. If it is accepted, TakeChanges says what to write into it.
  [[nodiscard]] Step EndOfMessage() noexcept;
  // Go on with the pending event, as the session's.
  [[nodiscard]] Step Resume() noexcept;
  [[nodiscard]] Step Expire(Clock::TimePoint now) noexcept;
  // One field of a message's header, any bytes. Asks no session, so its reply is known at once.
  [[nodiscard]] MilterReply Header(std::string_view name, std::string_view value) noexcept;
  // The connection has ended. Call once, last.
  void Close() noexcept;

  // What to tell the MTA about an event that was answered so.
  [[nodiscard]] MilterReply ReplyTo(Stage stage, StageAnswer answer) const noexcept;
  // The changes to the message that ended last; nullopt if there are none, or they were taken.
  [[nodiscard]] std::optional<HeaderChanges> TakeChanges() noexcept;

  // For a carrier's own catch block: logs what was caught and answers this and every later event by on_internal_error.
  [[nodiscard]] StageAnswer Caught(std::string_view where) noexcept;

 private:
  // What `event` answers; what it throws is caught.
  template <class Event>
  Step Answer(std::string_view where, const Event& event) noexcept;
  // The same, of an event that begins.
  template <class Event>
  Step Begin(std::string_view where, const Event& event) noexcept;
  // A session under the policy negotiated for, or under the one in force if nothing was negotiated.
  void OpenSession();
  // The session, told at least that there is a client: MAIL may be all that ever comes.
  Session& TheSession();
  Step BeginResults();
  // At the end of a message whose results are due, once the session has told what became of it.
  Step FinishResults(Step step);

  MilterService* service_;
  std::function<void()> ready_;
  std::shared_ptr<const Policy> policy_;        // null before the first event, or if getting it failed
  std::unique_ptr<Session> session_;            // from the first event on
  WritesResults results_ = WritesResults::kNo;  // kYes: header fields were negotiated
  EnumSet<Stage> no_reply_;                     // stages at which the MTA does not wait for our answer
  bool no_header_reply_ = false;
  MessageHeaders message_;  // of the message under way
  bool results_due_ = false;  // the end of the message is pending
  std::optional<HeaderChanges> changes_;
  bool failed_ = false;  // something was caught
};

}  // namespace heloguard
