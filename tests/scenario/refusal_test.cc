// What a refused client reads: which record is wrong and how to right it, told from the answers of its own session.
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

class RefusalTest : public ::testing::Test {
 protected:
  // The reply to RCPT of a session under a policy of these rules; "" if it is accepted.
  std::string Reply(const std::string& rules, std::string_view helo = "mail.example.org") {
    struct : EventSink {
      void Judged(const SessionReport& /*report*/) override {}
    } sink;
    const Services of{&world, &world, &sink, nullptr, milliseconds(4000), {}, "https://help.example"};
    DrivenSession session("abcdefgh01234567", PolicyFrom(rules), of, options, &world);
    ConnectInfo info;
    info.client = Ip(kClient);
    session.OnConnect(info);
    session.OnHelo(helo, false);
    session.OnMail("<>", false, false);
    const StageAnswer answer = session.OnRcpt("<b@example.net>");
    return answer.reply ? answer.reply->ToString() : "";
  }
  static std::string Rule(const std::string& when, const std::string& action = "reject") {
    return "[[rule]]\nname = 'r'\noverrides_rfc5321 = true\naction = '" + action + "'\nwhen." + when + "\n";
  }

  SimulatedServices world;
  SessionOptions options;
};

TEST_F(RefusalTest, NoPtrRecord) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(10));
  EXPECT_EQ(Reply(Rule("rdns.status = 'permerror'")),
            "550-5.7.25 No PTR record for 192.0.2.7: publish one that names the mail server (r) [abcdefgh01234567] "
            "https://help.example\n"
            "550 5.7.25 192.0.2.7 has no reverse DNS: whoever runs the address block has to publish "
            "\"7.2.0.192.in-addr.arpa. PTR <name of the server>\".");
}

TEST_F(RefusalTest, APtrNameThatLeadsElsewhere) {
  world.Script(Ptr(kClient), Names({"mail.example.org"}), milliseconds(10));
  world.Script(A("mail.example.org"), Addresses({"192.0.2.99"}), milliseconds(10));
  const std::string reply = Reply(Rule("rdns.status = 'fail'"));
  EXPECT_TRUE(reply.starts_with("550-5.7.25 The PTR name mail.example.org of 192.0.2.7 does not lead back")) << reply;
  EXPECT_NE(reply.find("\n550 5.7.25 The PTR and HELO name mail.example.org has the address 192.0.2.99, not 192.0.2.7: "
                       "whoever runs example.org has to publish \"mail.example.org. A 192.0.2.7\""),
            std::string::npos)
      << reply;
}

TEST_F(RefusalTest, AHeloNameWithoutAddress) {
  world.Script(A("mail.example.org"), End(DnsStatus::kNxDomain), milliseconds(10));
  world.Script(Aaaa("mail.example.org"), End(DnsStatus::kNxDomain), milliseconds(10));
  const std::string reply = Reply(Rule("helo.address = 'nxdomain'"));
  EXPECT_TRUE(reply.starts_with("550-5.7.1 HELO mail.example.org has no address record in DNS")) << reply;
  EXPECT_NE(reply.find("\n550 5.7.1 The HELO name mail.example.org does not exist in DNS: "), std::string::npos)
      << reply;
}

TEST_F(RefusalTest, AScoreTellsAllThatIsWrong) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(10));
  world.Script(A("mail.example.org"), End(DnsStatus::kNxDomain), milliseconds(10));
  world.Script(Aaaa("mail.example.org"), End(DnsStatus::kNxDomain), milliseconds(10));
  const std::string reply = Reply(
      "[policy]\nscore = { reject = 3.0 }\n[[rule]]\nname = 'a'\nwhen.rdns.status = 'permerror'\nscore = 2.0\n"
      "[[rule]]\nname = 'b'\nwhen.helo.address = 'nxdomain'\nscore = 2.0\n");
  EXPECT_TRUE(
      reply.starts_with("550-5.7.1 HELO mail.example.org and the reverse DNS of 192.0.2.7 (PTR unknown) are too "
                        "unlike those of a mail server, score 4 (score) [abcdefgh01234567] https://help.example\n"
                        "550-5.7.1 192.0.2.7 has no reverse DNS: "))
      << reply;
  EXPECT_NE(reply.find("\n550 5.7.1 The HELO name mail.example.org does not exist in DNS: "), std::string::npos)
      << reply;
}

TEST_F(RefusalTest, ADeferralSaysWhatDidNotAnswer) {
  world.Script(Ptr(kClient), Names({"mail.example.org"}), milliseconds(10));
  world.Silence(A("mail.example.org"));
  const std::string reply = Reply(Rule("rdns.status = 'fail'") + "on_unknown = 'tempfail'\n");
  EXPECT_TRUE(
      reply.starts_with("450-4.7.25 The DNS records of 192.0.2.7 (PTR mail.example.org) and HELO mail.example.org "
                        "could not all be looked up, please try again later (r) [abcdefgh01234567]"))
      << reply;
  EXPECT_NE(reply.find("\n450 4.7.25 No answer about the PTR name mail.example.org came in time: "), std::string::npos)
      << reply;
}

// When nothing at all answers the fault is most likely ours, and no sender's business.
TEST_F(RefusalTest, OurOwnResolverIsNotTold) {
  world.Silence(Ptr(kClient));
  world.Silence(A("mail.example.org"));
  world.Silence(Aaaa("mail.example.org"));
  const std::string reply =
      Reply(Rule("rdns.status = 'permerror'\nwhen.helo.address = 'nxdomain'") + "on_unknown = 'tempfail'\n");
  EXPECT_TRUE(reply.starts_with("450-4.7.25 ")) << reply;
  EXPECT_EQ(reply.find("our own resolver and network"), std::string::npos) << reply;
}

TEST_F(RefusalTest, SyntaxNeedsOneLine) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(10));
  EXPECT_EQ(
      Reply(Rule("helo.kind = 'bare-ipv4'"), kClient),
      "550 5.5.2 HELO 192.0.2.7 is an IP address without brackets: say the server's full host name (RFC 5321 section "
      "4.1.3) (r) [abcdefgh01234567] https://help.example");
}

TEST_F(RefusalTest, WordsOfTheRuleStandAlone) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(10));
  EXPECT_EQ(Reply(Rule("rdns.status = 'permerror'") +
                  "reply = \"\"\"\n550 5.7.25 No PTR for {client}\nSession {session}\"\"\"\n"),
            "550-5.7.25 No PTR for 192.0.2.7\n550 5.7.25 Session abcdefgh01234567");
}

}  // namespace
}  // namespace heloguard
