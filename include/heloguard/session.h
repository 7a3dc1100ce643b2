// One SMTP connection: takes events, gives answers, keeps one policy snapshot from start to end. It never waits.
//
// An event has its answer at once, or it is pending: then it names its deadline, and the session announces once, from
// any thread, that it is ready. Whoever drives the session (a thread of libmilter's, an event loop, a fake clock) waits
// in its own way, and goes on with Resume when the session announced itself, with Expire when the deadline has passed:
//
//   Step step = session.OnHelo("mail.example.com", tls);
//   while (step.pending()) {
//     step = bell.WaitUntil(clock, *step.deadline) ? session.Resume() : session.Expire(clock->Now());
//   }
//   Tell(step.answer);
//
// An event is pending only where a verdict is owed, at the first stage the policy may refuse, and only if what is
// missing could change the outcome. At its deadline what is missing counts as not answered.
//
// A second HELO (RSET, STARTTLS, or just so) renews the HELO facts and keeps the client's.
//
// Thread rule: calls come one after another, from any thread. DNS answers arrive on the resolver's thread meanwhile and
// touch only the gathers, which outlive the session if they have to.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "heloguard/services.h"
#include "heloguard/session_report.h"

namespace heloguard {

struct SessionOptions {
  FactSet extra_facts;         // to compute beside those the policy names (`check` wants all, the log a few)
  FactSet owed_facts;          // to ask for whatever the policy needs: Session::OnMessage waits for them
  bool full_evidence = false;  // ask and wait for everything, even where the outcome is settled without it
};

struct ConnectInfo {
  std::optional<IpAddress> client;    // nullopt: no address (unix socket, sendmail -bs): always accepted
  std::optional<std::uint16_t> port;  // {daemon_port}
  std::string mta_name;               // j
  std::optional<SuppliedRdns> rdns;   // reverse DNS told by hand
};

// Of an envelope address this much is kept (RFC 5321 section 4.5.3.1.3 allows 256 octets).
inline constexpr std::size_t kMaxEnvelopeBytes = 320;

// What to tell the MTA. A reply goes with reject and tempfail only.
struct StageAnswer {
  Outcome outcome = Outcome::kAccept;  // kAccept: go on
  std::optional<SmtpReply> reply;
};

// What an event came to.
struct Step {
  StageAnswer answer;                             // "go on" while it is pending
  std::optional<Clock::TimePoint> deadline = {};  // of a pending event; nullopt: it has its answer
  [[nodiscard]] bool pending() const { return deadline.has_value(); }
};

class Session {
 public:
  // `id` names the session in replies and logs. `ready` announces a pending event, at most once for each Step that is
  // pending: from any thread, inside no call of the session, with no lock held. It must not block and must not call the
  // session. Null: nobody is told, and every pending event goes to its deadline.
  // REQUIRES: policy, services.clock, services.sink not null.
  Session(std::string id, std::shared_ptr<const Policy> policy, const Services& services, const SessionOptions& options,
          std::function<void()> ready = nullptr);
  // Announces nothing any more when it returns.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Takes down what the MTA says by itself, in place of what it said before. Any time.
  void Note(MtaNotes notes);

  // The events. One that comes while another is pending gives up the earlier one, as if it had never been asked.
  Step OnConnect(const ConnectInfo& info);
  // `text` is what follows the verb, any bytes; `tls`: the connection is encrypted by now.
  Step OnHelo(std::string_view text, bool tls);
  Step OnMail(std::string_view from, bool authenticated, bool tls);
  Step OnRcpt(std::string_view to);
  // The message has come whole. When the event is over, Report tells what became of it and of the HELO, for what is
  // written into it, with the facts owed. Its answer is always "go on".
  Step OnMessage();
  // Judges with what is known at `stage`, pending as the rules above say; changes nothing. For `check`. When the event
  // is over, Report has the judgement. Its answer is always "go on".
  Step Judge(Stage stage);
  // Reports a session that never came to MAIL. Nothing is announced any more when it returns, even with an answer in
  // flight. Call once, last.
  void OnClose();

  // Goes on with the pending event after the announcement. Pending again if there is still something to wait for.
  Step Resume();
  // Goes on with the pending event at its deadline: what was to come by `now` and did not counts as not answered.
  // Pending again, with a later deadline, if something else may still come.
  Step Expire(Clock::TimePoint now);

  // Of the last OnMessage or Judge that is over. Valid until the session's next call. REQUIRES: there was one.
  [[nodiscard]] SessionReport Report() const;

  // How often a policy was evaluated so far, the candidate included: for the test that counts.
  [[nodiscard]] std::size_t TEST_evaluations() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heloguard
