// One SMTP connection: takes events, gives answers, keeps one policy snapshot from start to end.
//
// Calls come one after another (an MTA waits for each answer), from any thread. DNS answers arrive on the resolver's
// thread meanwhile and touch only the gathers, which outlive the session if they have to.
//
// A second HELO (RSET, STARTTLS, or just so) renews the HELO facts and keeps the client's. Waiting happens only where
// a verdict is owed: at the first stage the policy may refuse, and only if the facts missing could change the outcome.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "heloguard/judge/evaluate.h"
#include "heloguard/policy/rollout.h"
#include "heloguard/policy/smtp_reply.h"
#include "heloguard/ports.h"

namespace heloguard {

class EvidenceCache;   // src/engine/evidence_cache.h
class ResolverHealth;  // src/engine/resolver_health.h

// What a session needs of the world. Everything pointed to outlives the session; `resolver` null: offline.
struct SessionWorld {
  Resolver* resolver = nullptr;
  Clock* clock = nullptr;
  EventSink* sink = nullptr;
  std::shared_ptr<const OwnIdentity> own;
  std::chrono::milliseconds deadline{4'000};   // of each gather, from its first question
  LookupLimits limits;
  std::string help_url;
  EvidenceCache* evidence = nullptr;           // null: every session asks for itself. Of the same resolver and limits
  const ResolverHealth* health = nullptr;      // null: the resolver counts as well
};

struct SessionOptions {
  FactSet extra_facts;           // to compute beside those the policy names (`check` wants all, the log a few)
  FactSet owed_facts;            // to ask for whatever the policy needs: Session::OnMessage waits for them
  bool full_evidence = false;    // ask and wait for everything, even where the outcome is settled without it
};

struct ConnectInfo {
  std::optional<IpAddress> client;         // nullopt: no address (unix socket, sendmail -bs): always accepted
  std::optional<std::uint16_t> port;       // {daemon_port}
  std::string mta_name;                    // j
  std::optional<SuppliedRdns> rdns;        // reverse DNS told by hand
};

// Of an envelope address this much is kept (RFC 5321 section 4.5.3.1.3 allows 256 octets).
inline constexpr std::size_t kMaxEnvelopeBytes = 320;

// What the MTA found out by itself, from its macros: logged beside our own findings, never judged. "" where it did not
// say. Hostile bytes.
struct MtaNotes {
  std::string client_name, client_ptr, client_resolve;  // {client_name}, {client_ptr}, {client_resolve}
  std::string protocol, helo;                           // r and s, which Sendmail has from MAIL on
  std::string queue_id;                                 // i: Sendmail from MAIL on, Postfix after the first recipient
};

// What to tell the MTA. A reply goes with reject and tempfail only.
struct StageAnswer {
  Outcome outcome = Outcome::kAccept;      // kAccept: go on
  std::optional<SmtpReply> reply;
};

// Everything about one judgement, for logs, metrics and `check`. Valid during the call it is passed to.
struct SessionReport {
  std::string_view session;                // id, 16 characters [0-9a-z]
  const SessionInputs& inputs;
  const Facts& facts;
  const DnsAnswers& answers;
  const RdnsEvidence& rdns;
  const Policy& policy;
  const Verdict& verdict;
  Stage stage;                             // where it was answered
  std::string_view exempt;                 // why nothing was refused whatever the verdict: "", "authenticated",
                                           // "recipient", "no-address"
  const std::optional<SmtpReply>& reply;   // what was, or in observe mode would have been, answered
  std::size_t asked;                       // questions put to the resolver for this session alone
  bool resolver_ill;                       // what rests on DNS was not enforced
  std::chrono::microseconds waited;        // for us, over the session so far
  std::chrono::microseconds dns_elapsed;   // from the first question to the last answer used
  std::string_view from, to;               // envelope, hostile bytes; "" if not said
  const MtaNotes& mta;
};

// What becomes of the session: the verdict's outcome, or accept if it is exempt.
[[nodiscard]] inline Outcome OutcomeOf(const SessionReport& report) {
  return report.exempt.empty() ? report.verdict.outcome : Outcome::kAccept;
}
// Whether the policy acts on this client or observes it.
[[nodiscard]] inline Mode ModeOf(const SessionReport& report) {
  return ModeFor(report.policy.mode, report.policy.percent, report.inputs.client);
}
// Why `policy` refuses nothing to a session, whoever the recipient is: SessionReport::exempt; "" if it may.
[[nodiscard]] std::string_view ExemptionOf(const Policy& policy, const SessionInputs& inputs);
// Whether `policy` refuses nothing to this recipient, whoever the client is. `to` may stand in angle brackets.
[[nodiscard]] bool IsExemptRecipient(const Policy& policy, std::string_view to);

// What the candidate policy makes of a message that was told of, on the evidence there is when the next begins or the
// session ends. Valid during the call it is passed to.
struct CandidateReport {
  const SessionReport& active;
  const Policy& candidate;
  const Verdict& verdict;       // the candidate's
  Outcome outcome;              // accept where the candidate exempts the session
};

class Session {
 public:
  // `id` names the session in replies and logs. REQUIRES: policy, world.clock, world.sink not null.
  Session(std::string id, std::shared_ptr<const Policy> policy, const SessionWorld& world, const SessionOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Takes down what the MTA says by itself, in place of what it said before. Any time.
  void Note(MtaNotes notes);
  StageAnswer OnConnect(const ConnectInfo& info);
  // `text` is what follows the verb, any bytes; `tls`: the connection is encrypted by now.
  StageAnswer OnHelo(std::string_view text, bool tls);
  StageAnswer OnMail(std::string_view from, bool authenticated, bool tls);
  StageAnswer OnRcpt(std::string_view to);
  // The message has come whole. Tells what became of it and of the HELO, for what is written into it, with the facts
  // owed: waits for them if they are not there yet. Valid until the next call.
  SessionReport OnMessage();
  // Reports a session that never came to MAIL. Call once, last.
  void OnClose();

  // Judges with what is known at `stage`, waiting as the rules above say; no effect but the wait. For `check`.
  // The report refers to the session and is valid until the next call.
  SessionReport Judge(Stage stage);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heloguard
