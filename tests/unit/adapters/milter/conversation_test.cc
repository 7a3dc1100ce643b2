// The stages of the milter protocol on a simulated world: what goes into the session, what is said of it, what becomes
// of headers, and what is left when something throws.
#include "adapters/milter/conversation.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "libmilter/mfapi.h"
#include "libmilter/mfdef.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using Kind = MilterReply::Kind;

constexpr MilterOffer kAll{0x1FF, 0x1FFFFF};
constexpr MilterOffer kVersion2{0x3F, 0x7F};  // no event without a reply
constexpr std::string_view kName = "mx.example.net";
constexpr const char* kOurs = "mx.example.net; spf=pass";
constexpr const char* kOthers = "mx.example.org; spf=pass";

constexpr const char* kStrings = R"(
[policy]
mode = "enforce"
exempt = { authenticated = true, recipients = ["postmaster"] }
[[rule]]
name = "bare-ip"
when.helo.kind = "bare-ipv4"
action = "reject"
reply = "550 5.7.1 no addresses"
[[rule]]
name = "later"
when.helo.name = '^later\.example$'
action = "tempfail"
reply = "451 4.7.1 come back"
)";

// Writes down what it is told; throws instead where that is wanted.
class Journal final : public EventSink {
 public:
  void SessionOpened() override { ++opened; }
  void Judged(const SessionReport& r) override {
    if (fails) throw std::runtime_error("the sink\n");
    std::string line = std::string(r.session) + " " + (r.inputs.client ? r.inputs.client->ToString() : "-");
    line += " " + std::to_string(r.inputs.port.value_or(0)) + " " + r.inputs.mta_name;
    line += " helo=" + (r.inputs.helo ? r.inputs.helo->text : "") + (r.inputs.tls.value_or(false) ? " tls" : "");
    line += " from=" + std::string(r.from) + " to=" + std::string(r.to) + " queue=" + r.mta.queue_id;
    line += std::string(r.judgement.exempt.empty() ? "" : " exempt ") + std::string(r.judgement.exempt);
    told.push_back(line);
  }
  void Alarm(std::string_view text) override { alarms.emplace_back(text); }
  bool fails = false;
  int opened = 0;
  std::vector<std::string> told, alarms;
};

class ConversationTest : public ::testing::Test {
 protected:
  void SetUp() override { Serve({}); }

  // Begins a new conversation under these settings.
  void Serve(Settings::Headers headers, OnInternalError on_internal_error = OnInternalError::kTempfail) {
    SessionFactory::Parts parts;
    parts.policy = [this] {
      if (no_policy) throw std::runtime_error("no policy");
      return policy;
    };
    parts.new_id = [this] {
      if (no_id) throw std::runtime_error("no id");
      return "id" + std::to_string(++ids);
    };
    parts.services.resolver = &world;
    parts.services.clock = &world;
    parts.services.sink = &journal;
    conversation.reset();
    service.emplace(SessionFactory(parts), headers, on_internal_error,
                    [this](std::string_view text) { errors.emplace_back(text); });
    conversation.emplace(&*service, [this] { bell.Ring(); });
  }
  void ServeHeaders(std::string_view authserv_id = kName) { Serve({true, std::string(authserv_id)}); }

  static ConnectInfo From(std::string_view client) {
    ConnectInfo info;
    info.client = Ip(client);
    info.port = std::uint16_t{25};
    info.mta_name = "hub.example";
    return info;
  }
  MilterReply Connect() { return Say(Stage::kConnect, conversation->Connect(From("192.0.2.7"), {})); }
  MilterReply Helo(std::string_view text) { return Say(Stage::kHelo, conversation->Helo(text, false)); }
  MilterReply Mail(std::string_view mta_name = "") {
    return Say(Stage::kMail, conversation->Mail({.from = "<a@example>", .mta_name = mta_name}, {}));
  }
  MilterReply Rcpt(std::string_view to = "<b@example>") { return Say(Stage::kRcpt, conversation->Rcpt(to, {})); }
  MilterReply EndOfMessage() { return Say(Stage::kEom, conversation->EndOfMessage()); }
  MilterReply Say(Stage stage, Step step) {
    return conversation->ReplyTo(stage, Complete(&*conversation, std::move(step), &bell, &world));
  }
  // Up to the end of a message with these values of Authentication-Results.
  MilterReply Message(const std::vector<std::string>& fields, std::string_view mta_name = "") {
    EXPECT_NE(Mail(mta_name).kind, Kind::kTempfail);
    EXPECT_EQ(Rcpt().kind, Kind::kContinue);
    for (const std::string& field : fields) {
      EXPECT_EQ(conversation->Header("Authentication-Results", field).kind, Kind::kNone);
    }
    return EndOfMessage();
  }
  static std::string Text(const MilterReply& reply) {
    return reply.reply ? std::to_string(reply.reply->code()) + " " + reply.reply->lines().at(0) : "";
  }

  std::shared_ptr<const Policy> policy = PolicyFrom(kStrings);
  bool no_policy = false, no_id = false;
  int ids = 0;
  SimulatedServices world;
  Doorbell bell;
  Journal journal;
  std::vector<std::string> errors;
  std::optional<MilterService> service;
  std::optional<Conversation> conversation;
};

// --- stages ---

TEST_F(ConversationTest, EveryStageGoesToTheSession) {
  static_cast<void>(conversation->Negotiate(kVersion2));
  MtaNotes notes;
  notes.queue_id = "Q1";
  EXPECT_EQ(Connect().kind, Kind::kContinue);
  EXPECT_EQ(Say(Stage::kHelo, conversation->Helo("192.0.2.1", true)).kind, Kind::kContinue);
  EXPECT_EQ(Mail().kind, Kind::kContinue);
  const MilterReply reply = Say(Stage::kRcpt, conversation->Rcpt("<b@example>", notes));
  EXPECT_EQ(reply.kind, Kind::kReject);
  EXPECT_EQ(Text(reply), "550 no addresses");
  EXPECT_EQ(EndOfMessage().kind, Kind::kContinue);
  EXPECT_FALSE(conversation->TakeChanges());
  conversation->Close();
  EXPECT_EQ(journal.told, std::vector<std::string>{
                              "id1 192.0.2.7 25 hub.example helo=192.0.2.1 from=<a@example> to=<b@example> queue=Q1"});
  EXPECT_EQ(journal.opened, 1);
  EXPECT_TRUE(errors.empty());
}

TEST_F(ConversationTest, EncryptionAndAuthenticationAreTold) {
  static_cast<void>(Connect());
  static_cast<void>(conversation->Helo("192.0.2.1", true));
  static_cast<void>(conversation->Mail({.from = "<>", .mta_name = "", .authenticated = true, .encrypted = true}, {}));
  EXPECT_EQ(Rcpt().kind, Kind::kContinue);
  EXPECT_EQ(journal.told, std::vector<std::string>{"id1 192.0.2.7 25 hub.example helo=192.0.2.1 tls from=<> "
                                                   "to=<b@example> queue= exempt authenticated"});
}

TEST_F(ConversationTest, MailMayBeAllThatComes) {
  EXPECT_EQ(Mail().kind, Kind::kContinue);
  EXPECT_EQ(Rcpt().kind, Kind::kContinue);
  conversation->Close();
  EXPECT_EQ(journal.opened, 1);
  EXPECT_EQ(journal.told,
            std::vector<std::string>{"id1 - 0  helo= from=<a@example> to=<b@example> queue= exempt no-address"});
}

TEST_F(ConversationTest, OneThatNeverSaidAWordIsNoSession) {
  static_cast<void>(conversation->Negotiate(kAll));
  conversation->Close();
  EXPECT_EQ(journal.opened, 0);
  EXPECT_TRUE(journal.told.empty());
}

TEST_F(ConversationTest, TheSnapshotIsKept) {
  static_cast<void>(conversation->Negotiate(kVersion2));
  policy = PolicyFrom("[policy]\n");
  static_cast<void>(Connect());
  static_cast<void>(Helo("192.0.2.1"));
  static_cast<void>(Mail());
  EXPECT_EQ(Rcpt().kind, Kind::kReject);
}

// --- replies ---

TEST_F(ConversationTest, NoReplyWhereNoneWasNegotiated) {
  const MilterTerms terms = conversation->Negotiate(kAll);
  EXPECT_EQ(terms.no_reply, (EnumSet<Stage>{Stage::kConnect, Stage::kHelo, Stage::kMail}));
  EXPECT_EQ(Connect().kind, Kind::kNone);
  EXPECT_EQ(Helo("later.example").kind, Kind::kNone);
  EXPECT_EQ(Mail().kind, Kind::kNone);
  const MilterReply reply = Rcpt();
  EXPECT_EQ(reply.kind, Kind::kTempfail);
  EXPECT_EQ(Text(reply), "451 come back");
}

TEST_F(ConversationTest, ATextGoesWithItsOwnOutcomeOnly) {
  const SmtpReply permanent = SmtpReply::Make(550, "5.7.1", "no").value();
  const SmtpReply transient = SmtpReply::Make(451, "4.7.1", "later").value();
  const struct {
    Stage stage;
    StageAnswer answer;
    Kind kind;
    std::string text;
  } rows[] = {
      {Stage::kRcpt, {Outcome::kReject, permanent}, Kind::kReject, "550 no"},
      {Stage::kRcpt, {Outcome::kTempfail, transient}, Kind::kTempfail, "451 later"},
      {Stage::kRcpt, {Outcome::kReject, transient}, Kind::kReject, ""},
      {Stage::kRcpt, {Outcome::kTempfail, permanent}, Kind::kTempfail, ""},
      {Stage::kRcpt, {Outcome::kTempfail, std::nullopt}, Kind::kTempfail, ""},
      {Stage::kConnect, {Outcome::kReject, permanent}, Kind::kReject, ""},
      {Stage::kConnect, {Outcome::kTempfail, transient}, Kind::kTempfail, ""},
      {Stage::kRcpt, {}, Kind::kContinue, ""},
  };
  for (const auto& row : rows) {
    const MilterReply reply = conversation->ReplyTo(row.stage, row.answer);
    EXPECT_EQ(reply.kind, row.kind) << row.text;
    EXPECT_EQ(Text(reply), row.text) << NameOf(row.stage);
  }
}

// --- failures ---

TEST_F(ConversationTest, WithoutPolicyEveryStageIsAnswered) {
  for (const auto& [setting, kind] :
       {std::pair{OnInternalError::kTempfail, Kind::kTempfail}, std::pair{OnInternalError::kAccept, Kind::kContinue}}) {
    no_policy = true;
    Serve({}, setting);
    errors.clear();
    EXPECT_TRUE(conversation->Negotiate(kAll).no_reply.empty());
    no_policy = false;  // too late for this one
    EXPECT_EQ(Connect().kind, kind);
    EXPECT_EQ(Helo("mail.example.com").kind, kind);
    EXPECT_EQ(Mail().kind, kind);
    EXPECT_EQ(Rcpt().kind, kind);
    EXPECT_EQ(EndOfMessage().kind, kind);
    conversation->Close();
    EXPECT_EQ(errors, std::vector<std::string>{"internal error at negotiation: no policy"});
  }
  EXPECT_EQ(journal.opened, 0);
}

TEST_F(ConversationTest, AFailureIsNotSaidWhereNoReplyIsWanted) {
  static_cast<void>(conversation->Negotiate(kAll));
  no_id = true;
  EXPECT_EQ(Connect().kind, Kind::kNone);
  no_id = false;
  EXPECT_EQ(Helo("mail.example.com").kind, Kind::kNone);
  EXPECT_EQ(Mail().kind, Kind::kNone);
  EXPECT_EQ(Rcpt().kind, Kind::kTempfail);
  EXPECT_EQ(errors, std::vector<std::string>{"internal error at connect: no id"});
}

TEST_F(ConversationTest, AFailureSticks) {
  static_cast<void>(Connect());
  static_cast<void>(Helo("mail.example.com"));
  static_cast<void>(Mail());
  journal.fails = true;
  const MilterReply reply = Rcpt();
  EXPECT_EQ(reply.kind, Kind::kTempfail);
  EXPECT_EQ(Text(reply), "");
  journal.fails = false;
  EXPECT_EQ(Rcpt().kind, Kind::kTempfail);
  EXPECT_EQ(Mail().kind, Kind::kTempfail);
  EXPECT_EQ(errors, std::vector<std::string>{R"(internal error at rcpt: the sink\x0a)"});
  journal.fails = true;
  conversation->Close();
  EXPECT_EQ(errors.size(), 1U) << "it is told of already, as far as it could be";
}

TEST_F(ConversationTest, AFailureAtTheEndIsLogged) {
  static_cast<void>(Connect());
  journal.fails = true;
  conversation->Close();
  EXPECT_EQ(errors, std::vector<std::string>{R"(internal error at close: the sink\x0a)"});
}

TEST_F(ConversationTest, ACarriersOwnFailureSticksAsWell) {
  static_cast<void>(Connect());
  try {
    throw 7;
  } catch (...) {
    EXPECT_EQ(Say(Stage::kHelo, {conversation->Caught("helo")}).kind, Kind::kTempfail);
  }
  EXPECT_EQ(Mail().kind, Kind::kTempfail);
  EXPECT_EQ(errors, std::vector<std::string>{"internal error at helo: exception of an unknown type"});
}

TEST_F(ConversationTest, ALogThatFailsIsNoFailure) {
  SessionFactory::Parts parts;
  parts.policy = []() -> std::shared_ptr<const Policy> { throw std::runtime_error("no policy"); };
  parts.services.clock = &world;
  parts.services.sink = &journal;
  MilterService deaf(SessionFactory(parts), {}, OnInternalError::kTempfail,
                     [](std::string_view) { throw std::runtime_error("no log"); });
  Conversation unlucky(&deaf);
  EXPECT_EQ(unlucky.ReplyTo(Stage::kHelo, unlucky.Helo("x", false).answer).kind, Kind::kTempfail);
}

// --- headers ---

TEST_F(ConversationTest, ForgedFieldsGoAndOursIsWritten) {
  ServeHeaders();
  EXPECT_NE(conversation->Negotiate(kAll).actions & SMFIF_CHGHDRS, 0U);
  static_cast<void>(Connect());
  static_cast<void>(Helo("mail.example.com"));
  EXPECT_EQ(Message({kOurs, kOthers, kOurs}).kind, Kind::kContinue);
  const auto changes = conversation->TakeChanges();
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->remove, (std::vector<int>{3, 1}));
  EXPECT_EQ(changes->insert.substr(0, kName.size()), kName);
  EXPECT_NE(changes->insert.find("x-helo=pass"), std::string::npos) << changes->insert;
  EXPECT_FALSE(conversation->TakeChanges()) << "taken already";

  EXPECT_EQ(Message({kOthers}).kind, Kind::kContinue);
  EXPECT_TRUE(conversation->TakeChanges().value().remove.empty()) << "every message has its own";
}

TEST_F(ConversationTest, WhatTheResultsOweIsWaitedFor) {
  ServeHeaders();
  world.Silence(Ptr("192.0.2.7"));
  static_cast<void>(conversation->Negotiate(kAll));
  static_cast<void>(Connect());
  const auto before = world.Now();
  static_cast<void>(Message({}));
  EXPECT_GE(world.Now() - before, std::chrono::milliseconds(4000));
  EXPECT_NE(conversation->TakeChanges().value().insert.find("iprev=temperror"), std::string::npos);
}

TEST_F(ConversationTest, TheMtaNamesUsIfNobodyElseDoes) {
  ServeHeaders("");
  static_cast<void>(conversation->Negotiate(kAll));
  static_cast<void>(Connect());
  EXPECT_EQ(Message({kOurs, "hub.example; spf=pass"}, "hub.example").kind, Kind::kContinue);
  EXPECT_EQ(conversation->TakeChanges().value().remove, std::vector<int>{2});
  // One that has no name for us gets no field, and is complained of once.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Message({kOurs}).kind, Kind::kContinue);
    EXPECT_FALSE(conversation->TakeChanges());
  }
  EXPECT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors.at(0).substr(0, 33), "no Authentication-Results written");
}

TEST_F(ConversationTest, TooManyFieldsRefuseTheMessage) {
  ServeHeaders();
  static_cast<void>(conversation->Negotiate(kAll));
  static_cast<void>(Connect());
  EXPECT_EQ(Message(std::vector<std::string>(kMaxFieldsRemoved, kOurs)).kind, Kind::kContinue);
  EXPECT_EQ(conversation->TakeChanges().value().remove.size(), kMaxFieldsRemoved);

  const MilterReply reply = Message(std::vector<std::string>(kMaxFieldsRemoved + 1, kOurs));
  EXPECT_EQ(reply.kind, Kind::kReject);
  EXPECT_EQ(Text(reply), "550 This message has too many Authentication-Results fields in our name");
  EXPECT_FALSE(conversation->TakeChanges());
  ASSERT_EQ(journal.alarms.size(), 1U);
  EXPECT_EQ(journal.alarms[0].substr(0, 30), "session=id1 message refused: i");
}

TEST_F(ConversationTest, HeadersThatMayNotBeChangedAreLeftAlone) {
  ServeHeaders();
  static_cast<void>(conversation->Negotiate({kAll.actions & ~static_cast<unsigned long>(SMFIF_CHGHDRS), kAll.steps}));
  static_cast<void>(Connect());
  static_cast<void>(Mail());
  static_cast<void>(Rcpt());
  EXPECT_EQ(EndOfMessage().kind, Kind::kContinue);
  EXPECT_FALSE(conversation->TakeChanges());
}

TEST_F(ConversationTest, AFieldIsAnsweredIfTheMtaWaitsForIt) {
  ServeHeaders();
  static_cast<void>(conversation->Negotiate(kVersion2));
  static_cast<void>(Connect());
  EXPECT_EQ(conversation->Header("Subject", "x").kind, Kind::kContinue);
}

TEST_F(ConversationTest, AnEventGivesUpTheEndOfAMessage) {
  ServeHeaders();
  world.Silence(Ptr("192.0.2.7"));
  static_cast<void>(conversation->Negotiate(kAll));
  static_cast<void>(Connect());
  static_cast<void>(Mail());
  ASSERT_TRUE(conversation->EndOfMessage().pending());
  EXPECT_EQ(Rcpt().kind, Kind::kContinue);
  EXPECT_FALSE(conversation->Resume().pending());
  EXPECT_FALSE(conversation->TakeChanges());
}

TEST_F(ConversationTest, AMessageThatFailedIsNotChanged) {
  ServeHeaders();
  static_cast<void>(conversation->Negotiate(kAll));
  static_cast<void>(Connect());
  static_cast<void>(Mail());
  journal.fails = true;
  EXPECT_EQ(Rcpt().kind, Kind::kTempfail);
  static_cast<void>(conversation->Header("Authentication-Results", kOurs));
  EXPECT_EQ(EndOfMessage().kind, Kind::kTempfail);
  EXPECT_FALSE(conversation->TakeChanges());
}

}  // namespace
}  // namespace heloguard
