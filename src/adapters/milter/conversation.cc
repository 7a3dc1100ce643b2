// The stages of the milter protocol, between a carrier and a session. Makes no decision of its own but one: a message
// with more forged fields than can be removed is refused. Knows neither libmilter's calls nor sockets.
//
// What holds for replies: a 5yz text goes with kReject and a 4yz one with kTempfail, since libmilter ignores others; at
// connect none is given, since Sendmail takes any code there for a permanent refusal.
// Tests: tests/unit/adapters/milter/conversation_test.cc, tests/wire/.
#include "adapters/milter/conversation.h"

#include <exception>
#include <utility>

#include "heloguard/base/escape.h"
#include "heloguard/judge/authentication_results.h"

namespace heloguard {

MilterService::MilterService(SessionFactory sessions, Settings::Headers headers, OnInternalError on_internal_error,
                             std::function<void(std::string_view)> log_error)
    : sessions_(std::move(sessions)),
      headers_(std::move(headers)),
      internal_error_(on_internal_error == OnInternalError::kAccept ? Outcome::kAccept : Outcome::kTempfail),
      log_error_(std::move(log_error)) {}

void MilterService::LogError(std::string_view text) const noexcept {
  try {
    if (log_error_) log_error_(text);
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is nobody left to tell
  }
}

void MilterService::LogErrorOnce(std::string_view text) noexcept {
  if (!told_once_.exchange(true)) LogError(text);
}

void MilterService::LogCaught(std::string_view where) const noexcept {
  try {
    std::string what;
    try {
      throw;
    } catch (const std::exception& e) {
      what = EscapeBytes(e.what());
    } catch (...) {
      what = "exception of an unknown type";
    }
    LogError("internal error at " + std::string(where) + ": " + what);
  } catch (...) {
    LogError("internal error, and no memory to describe it");
  }
}

template <class Event>
Step Conversation::Answer(std::string_view where, const Event& event) noexcept {
  if (failed_) return {service_->InternalError()};
  try {
    return event();
  } catch (...) {
    return {Caught(where)};
  }
}

// One that comes while the end of a message is pending gives that up: nothing is written into it any more.
template <class Event>
Step Conversation::Begin(std::string_view where, const Event& event) noexcept {
  results_due_ = false;
  return Answer(where, event);
}

StageAnswer Conversation::Caught(std::string_view where) noexcept {
  failed_ = true;
  service_->LogCaught(where);
  return service_->InternalError();
}

void Conversation::OpenSession() {
  if (policy_ == nullptr) policy_ = service_->sessions().Snapshot();
  session_ = service_->sessions().Open(policy_, results_, ready_);
}

Session& Conversation::TheSession() {
  if (!session_) {
    OpenSession();
    static_cast<void>(session_->OnConnect({}));  // without a client it has its answer
  }
  return *session_;
}

MilterTerms Conversation::Negotiate(const MilterOffer& offer) noexcept {
  MilterTerms terms = TermsWithoutPolicy(offer);
  if (failed_) return terms;
  try {
    policy_ = service_->sessions().Snapshot();
    const bool headers = service_->headers().authentication_results && OffersHeaders(offer);
    results_ = headers ? WritesResults::kYes : WritesResults::kNo;
    const bool lookups = service_->sessions().WantsLookups(*policy_, results_);
    terms = TermsFor(*policy_, {.lookups = lookups, .headers = headers}, offer);
  } catch (...) {
    static_cast<void>(Caught("negotiation"));
  }
  no_reply_ = terms.no_reply;
  no_header_reply_ = terms.no_header_reply;
  return terms;
}

Step Conversation::Connect(const ConnectInfo& info, MtaNotes notes) noexcept {
  return Begin(NameOf(Stage::kConnect), [&] {
    OpenSession();
    session_->Note(std::move(notes));
    return session_->OnConnect(info);
  });
}

Step Conversation::Helo(std::string_view text, bool encrypted) noexcept {
  return Begin(NameOf(Stage::kHelo), [&] { return TheSession().OnHelo(text, encrypted); });
}

Step Conversation::Mail(const MailEvent& event, MtaNotes notes) noexcept {
  return Begin(NameOf(Stage::kMail), [&] {
    Session& session = TheSession();
    session.Note(std::move(notes));
    const std::string& configured = service_->headers().authserv_id;
    message_.Begin(configured.empty() ? std::string(event.mta_name) : configured);
    return session.OnMail(event.from, event.authenticated, event.encrypted);
  });
}

Step Conversation::Rcpt(std::string_view to, MtaNotes notes) noexcept {
  return Begin(NameOf(Stage::kRcpt), [&] {
    Session& session = TheSession();
    session.Note(std::move(notes));
    return session.OnRcpt(to);
  });
}

MilterReply Conversation::Header(std::string_view name, std::string_view value) noexcept {
  try {
    message_.Saw(name, value);
  } catch (...) {
    static_cast<void>(Caught("header"));  // a field that was not looked at may be forged
  }
  return {no_header_reply_ ? MilterReply::Kind::kNone : MilterReply::Kind::kContinue, std::nullopt};
}

Step Conversation::EndOfMessage() noexcept {
  changes_.reset();
  return Begin(NameOf(Stage::kEom), [&] { return results_ == WritesResults::kYes ? BeginResults() : Step{}; });
}

// Only RCPT and the end of a message are ever pending in an ordinary policy; the others where it answers early.
Step Conversation::Resume() noexcept {
  return Answer("resume", [&] { return FinishResults(session_->Resume()); });
}

Step Conversation::Expire(Clock::TimePoint now) noexcept {
  return Answer("deadline", [&] { return FinishResults(session_->Expire(now)); });
}

Step Conversation::BeginResults() {
  if (message_.authserv_id().empty()) {
    service_->LogErrorOnce(
        "no Authentication-Results written: the MTA sends no name (macro j), set headers.authserv_id");
    return {};
  }
  results_due_ = true;
  return FinishResults(TheSession().OnMessage());
}

Step Conversation::FinishResults(Step step) {
  if (step.pending() || !results_due_) return step;
  results_due_ = false;
  const SessionReport report = session_->Report();
  if (message_.too_many()) {
    service_->sessions().sink().Alarm("session=" + std::string(report.session) + " message refused: it has more than " +
                                      std::to_string(kMaxFieldsRemoved) + " Authentication-Results fields in our name");
    return {{Outcome::kReject, TooManyFieldsReply()}};
  }
  const std::vector<int>& claiming = message_.claiming();
  changes_ = HeaderChanges{{claiming.rbegin(), claiming.rend()},
                           ResultsField(message_.authserv_id(), ResultsOf(report.judgement, report.inputs))};
  return {};
}

// A session that failed before is told of all the same, with what it knows.
void Conversation::Close() noexcept {
  try {
    if (session_) session_->OnClose();
  } catch (...) {
    static_cast<void>(Caught("close"));
  }
}

MilterReply Conversation::ReplyTo(Stage stage, StageAnswer answer) const noexcept {
  if (no_reply_.Has(stage)) return {MilterReply::Kind::kNone, std::nullopt};
  if (answer.outcome == Outcome::kAccept) return {};
  const bool reject = answer.outcome == Outcome::kReject;
  MilterReply reply{reject ? MilterReply::Kind::kReject : MilterReply::Kind::kTempfail, std::nullopt};
  if (answer.reply && answer.reply->permanent() == reject && stage != Stage::kConnect) {
    reply.reply = std::move(answer.reply);
  }
  return reply;
}

std::optional<HeaderChanges> Conversation::TakeChanges() noexcept { return std::exchange(changes_, std::nullopt); }

}  // namespace heloguard
