// How often a policy is evaluated: for one event the policy and its candidate once each at most, unless an answer came
// in between.
#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;

constexpr std::string_view kClient = "192.0.2.7";
// Asks about everything there is, and may answer at every stage.
constexpr const char* kEverything = R"(
[[rule]]
name = "helo"
when.helo.kind = "bare-ipv4"
stage = "helo"
action = "reject"
[[rule]]
name = "no-reverse"
when.rdns.status = ["fail", "permerror"]
stage = "mail"
action = "reject"
[[rule]]
name = "no-address"
when.helo.address = ["nxdomain", "nodata"]
overrides_rfc5321 = true
action = "reject"
[[rule]]
name = "spf"
when.spf.helo = "fail"
action = "reject"
)";

class Nobody final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override {}
};

class EvaluationsTest : public ::testing::Test {
 protected:
  void Open(bool candidate) {
    auto policy = std::make_shared<Policy>(*PolicyFrom(kEverything));
    if (candidate) policy->candidate = PolicyFrom(kEverything);
    Services around;
    around.resolver = &world;
    around.clock = &world;
    around.sink = &nobody;
    session.emplace("abcdefgh01234567", policy, around, SessionOptions{}, &world);
  }
  // How many evaluations an event takes, whatever it comes to.
  template <class Event>
  std::size_t Cost(Event event) {
    const std::size_t before = session->session().TEST_evaluations();
    event();
    return session->session().TEST_evaluations() - before;
  }
  std::vector<std::size_t> CostsOfAMessage() {
    ConnectInfo info;
    info.client = Ip(kClient);
    return {Cost([&] { session->OnConnect(info); }),
            Cost([&] { session->OnHelo("mail.example.org", false); }),
            Cost([&] { session->OnMail("<>", false, false); }),
            Cost([&] { session->OnRcpt("<b@example.net>"); }),
            Cost([&] { session->OnRcpt("<c@example.net>"); }),
            Cost([&] { session->OnClose(); })};
  }
  void Silent() {
    world.Silence(Ptr(kClient));
    for (const auto& question : {A("mail.example.org"), Aaaa("mail.example.org"), Txt("mail.example.org")}) {
      world.Silence(question);
    }
  }
  SimulatedServices world;
  Nobody nobody;
  std::optional<DrivenSession> session;
};

using Costs = std::vector<std::size_t>;

// MAIL waits for the deadline here, and judges again then: what had not come counts as not answered.
TEST_F(EvaluationsTest, WithoutAnswersAnEventTakesOneEvaluation) {
  Silent();
  Open(false);
  EXPECT_EQ(CostsOfAMessage(), (Costs{1, 1, 2, 1, 0, 0}));
}

// The candidate is held against it when the session closes. Before, the policy alone is reason enough to ask.
TEST_F(EvaluationsTest, TheCandidateTakesOneMore) {
  Silent();
  Open(true);
  EXPECT_EQ(CostsOfAMessage(), (Costs{1, 1, 2, 1, 0, 1}));
}

// What is not scripted is answered inside the call that asks. Before the HELO name's lookups, and with their answers.
TEST_F(EvaluationsTest, AnswersThatComeInBetweenAreJudgedAnew) {
  world.Script(Ptr(kClient), Names({"mail.example.org"}));
  world.Script(A("mail.example.org"), Addresses({kClient}));
  Open(false);
  ConnectInfo info;
  info.client = Ip(kClient);
  session->OnConnect(info);
  world.Advance(milliseconds(0));
  EXPECT_EQ(Cost([&] { session->OnHelo("unknown.example.net", false); }), 2U);
  EXPECT_EQ(Cost([&] { session->OnMail("<>", false, false); }), 1U);
}

TEST_F(EvaluationsTest, ASettledNameAsksNothingAndIsJudgedOnce) {
  Silent();
  Open(false);
  ConnectInfo info;
  info.client = Ip(kClient);
  session->OnConnect(info);
  EXPECT_EQ(Cost([&] { session->OnHelo("192.0.2.7", false); }), 1U);
  EXPECT_EQ(world.asked().size(), 1U);
}

}  // namespace
}  // namespace heloguard
