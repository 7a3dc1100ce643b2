// Templates read, refused and rendered, and the default replies of rules that write none.
#include "heloguard/policy/reply_template.h"

#include <gtest/gtest.h>

#include "policy_text.h"

namespace heloguard {
namespace {

const ReplyValues kValues{"mail.example.com",    "192.0.2.1", "host.example.net", "bare-ip", "k3j2", "5.5",
                          "https://help.example"};

std::string ErrorOf(std::string_view text, Outcome outcome) {
  const auto made = ReplyTemplate::Parse(text, outcome);
  return made.ok() ? "" : made.error().message;
}

std::string Lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "line\n";
  return lines;
}

TEST(ReplyTemplateTest, Rendered) {
  const struct {
    std::string_view text;
    std::string_view rendered;
  } rows[] = {
      {"550 5.7.1 HELO {helo} from {client}", "550 5.7.1 HELO mail.example.com from 192.0.2.1"},
      {"550 no", "550 5.7.1 no"},
      {"554 5.7.25 {rdns} {rule} {session} {score} {help_url}",
       "554 5.7.25 host.example.net bare-ip k3j2 5.5 https://help.example"},
      {"550 {{helo}} and {{ and }} and }", "550 5.7.1 {helo} and { and } and }"},
      {"550 {helo}}", "550 5.7.1 mail.example.com}"},
      {"550 100% %s {helo}%", "550 5.7.1 100% %s mail.example.com%"},
      {"550 192.0.2.1 is not 5.7.1", "550 5.7.1 192.0.2.1 is not 5.7.1"},
      {"550 5.7.1 trailing {help_url}  ", "550 5.7.1 trailing https://help.example"},
      {"550 5.7.25 No PTR record for {client}\nSee {help_url}\n",
       "550-5.7.25 No PTR record for 192.0.2.1\n550 5.7.25 See https://help.example"},
      {"550 5.7.25\nNo PTR record\n", "550 5.7.25 No PTR record"},
      {"550\nno", "550 5.7.1 no"},
  };
  for (const auto& row : rows) {
    const auto made = ReplyTemplate::Parse(row.text, Outcome::kReject);
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made.value().Render(kValues).ToString(), row.rendered);
    EXPECT_EQ(made.value().text(), row.text);
  }
  EXPECT_EQ(ReplyTemplate::Parse("450 later", Outcome::kTempfail).value().Render(kValues).ToString(),
            "450 4.7.1 later");
}

TEST(ReplyTemplateTest, EmptyValuesKeepTheSentence) {
  const auto made = ReplyTemplate::Parse("550 HELO {helo} (PTR {rdns}) {help_url}", Outcome::kReject);
  EXPECT_EQ(made.value().Render({}).ToString(), "550 5.7.1 HELO - (PTR -)");
}

TEST(ReplyTemplateTest, Refused) {
  const struct {
    std::string text;
    Outcome outcome;
    std::string_view error;
  } rows[] = {
      {"", Outcome::kReject, "a reply starts with a code of three digits, 550 for example"},
      {"go away", Outcome::kTempfail, "a reply starts with a code of three digits, 450 for example"},
      {"5500 x", Outcome::kReject, "a reply starts with a code of three digits, 550 for example"},
      {"450 x", Outcome::kReject, "the reply code of reject must be 5yz, not 450"},
      {"550 x", Outcome::kTempfail, "the reply code of tempfail must be 4yz, not 550"},
      {"550 x", Outcome::kAccept, "a reply belongs to a rule that refuses; accept sends none"},
      {"550 4.7.1 x", Outcome::kReject, "the enhanced status code 4.7.1 must be of the class of 550, 5.x.x (RFC 3463)"},
      {"550 5.7.9999 x", Outcome::kReject, "\"5.7.9999\" is no enhanced status code (RFC 3463)"},
      {"550 5.7.1", Outcome::kReject, "the reply has no text after its code"},
      {"550 5.7.1   ", Outcome::kReject, "the reply has no text after its code"},
      {"550 5.7.1\n \n", Outcome::kReject, "the reply has no text after its code"},
      {"550 " + Lines(33), Outcome::kReject, "a reply has at most 32 lines"},
      {"550 tab\there", Outcome::kReject, "a reply may hold printable ASCII only"},
      {"550 {hello}", Outcome::kReject, "a reply has no {hello} to put in (did you mean \"helo\"?)"},
      {"550 {}", Outcome::kReject, "a reply has no {} to put in"},
      {"550 {helo", Outcome::kReject, "the reply has an open brace; write {{ for a brace"},
      {"550 two\r\nlines", Outcome::kReject, "a reply may hold printable ASCII only"},
  };
  for (const auto& row : rows) EXPECT_EQ(ErrorOf(row.text, row.outcome), row.error) << row.text;
}

TEST(ReplyTemplateTest, HostileValuesAreEscapedAndCutBeforeTheWords) {
  const auto made =
      ReplyTemplate::Parse("550 5.7.1 HELO {helo} of {client} ({rdns}) is refused here", Outcome::kReject);
  ReplyValues values;
  values.helo = std::string("a\r\n250 ok\0{client}", 18);
  values.client = "192.0.2.1";
  EXPECT_EQ(made.value().Render(values).text(), "HELO a\\x0d\\x0a250 ok\\x00{client} of 192.0.2.1 (-) is refused here");
  values.helo = values.rdns = std::string(60'000, '\xff');
  const SmtpReply reply = made.value().Render(values);
  EXPECT_LE(reply.ToString().size() + 2, SmtpReply::kMaxReplyOctets);
  EXPECT_TRUE(reply.text().ends_with("...) is refused here")) << reply.text();
}

TEST(ReplyTemplateTest, Defaults) {
  using Subject = ReplyTemplate::Subject;
  const struct {
    Subject subject;
    Outcome outcome;
    std::string_view begins;
  } rows[] = {
      {Subject::kPolicy, Outcome::kReject, "550 5.7.1 HELO mail.example.com from 192.0.2.1 is refused by local policy"},
      {Subject::kPolicy, Outcome::kTempfail, "450 4.7.1 "},
      {Subject::kReverseDns, Outcome::kTempfail, "450 4.7.25 The DNS records of 192.0.2.1"},
      {Subject::kScore, Outcome::kReject, "550 5.7.1 "},
  };
  for (const auto& row : rows) {
    const std::string line = ReplyTemplate::Default(row.subject, row.outcome).Render(kValues).ToString();
    EXPECT_TRUE(line.starts_with(row.begins)) << line;
    EXPECT_TRUE(line.ends_with(" (bare-ip) [k3j2] https://help.example")) << line;
  }
}

TEST(ReplyTemplateTest, FindingsFollowDefaultRepliesThatAskForThem) {
  using Subject = ReplyTemplate::Subject;
  ReplyValues values = kValues;
  values.help_url.clear();
  values.findings = {"one", "not\tprintable", std::string(600, 'x')};
  const SmtpReply reply = ReplyTemplate::Default(Subject::kScore, Outcome::kReject).Render(values);
  ASSERT_EQ(reply.lines().size(), 3U);
  EXPECT_TRUE(reply.lines()[0].ends_with(", score 5.5 (bare-ip) [k3j2]")) << reply.lines()[0];
  EXPECT_EQ(reply.lines()[1], "one");
  EXPECT_TRUE(reply.lines()[2].ends_with("x..."));
  EXPECT_EQ(ReplyTemplate::Default(Subject::kPolicy, Outcome::kReject).Render(values).lines().size(), 1U);
  EXPECT_EQ(ReplyTemplate::Parse("550 own words", Outcome::kReject).value().Render(values).lines().size(), 1U);
}

// A rule without a reply says which thing is wrong.
TEST(DefaultReplyTest, SaysWhatTheRuleAsked) {
  const struct {
    std::string_view when;
    std::string_view reply;
  } rows[] = {
      {"when.helo.kind = ['bare-ipv4', 'bare-ipv6']",
       "550 5.5.2 HELO mail.example.com is an IP address without brackets: say the server's full host name (RFC 5321 "
       "section 4.1.3)"},
      {"when.helo.kind = 'missing'",
       "550 5.5.1 No HELO or EHLO was sent before MAIL: a mail server has to send one (RFC 5321 section 4.1.4)"},
      {"when.helo.kind = 'malformed'",
       "550 5.5.2 HELO mail.example.com is not a valid host name or address literal: say the server's full host name "
       "(RFC "
       "5321 section 4.1.1.1)"},
      {"when.helo.kind = 'fqdn'\nwhen.rdns.status = 'permerror'",
       "550 5.7.25 No PTR record for 192.0.2.1: publish one that names the mail server"},
      {"when.rdns.status = 'fail'",
       "550 5.7.25 The PTR name host.example.net of 192.0.2.1 does not lead back to that address: correct its address "
       "or "
       "the PTR record"},
      {"when.any = [{helo.traits = 'ours'}]",
       "550 5.7.1 HELO mail.example.com is the name or address of this server: 192.0.2.1 has to say its own"},
      // Of alternatives that say different things it is not known which held.
      {"when.any = [{helo.kind = 'bare-ipv4'}, {rdns.status = 'permerror'}]",
       "550 5.7.1 HELO mail.example.com from 192.0.2.1 is refused by local policy"},
      {"when.any = [{helo.kind = 'bare-ipv4'}, {helo.kind = 'bare-ipv6', client.tls = false}]",
       "550 5.5.2 HELO mail.example.com is an IP address without brackets: say the server's full host name (RFC 5321 "
       "section 4.1.3)"},
      {"when.helo.name = '^ylmf-pc$'",
       "550 5.7.1 HELO mail.example.com is a name that this site does not accept mail from"},
      {"when.client.tls = false", "550 5.7.1 HELO mail.example.com from 192.0.2.1 is refused by local policy"},
  };
  for (const auto& row : rows) {
    const auto policy = testing::PolicyFrom("[[rule]]\nname = 'bare-ip'\naction = 'reject'\n" + std::string(row.when));
    ASSERT_EQ(policy->rules.size(), 1U);
    EXPECT_EQ(policy->rules[0].reply->Render(kValues).ToString(),
              std::string(row.reply) + " (bare-ip) [k3j2] https://help.example");
  }
}

}  // namespace
}  // namespace heloguard
