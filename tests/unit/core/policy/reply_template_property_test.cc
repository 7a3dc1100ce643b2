// Whatever a policy writes and a client sends: what goes out is a valid SMTP reply.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "heloguard/base/escape.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using Values = std::string ReplyValues::*;
constexpr std::array<Values, 7> kValues{&ReplyValues::helo,    &ReplyValues::client,  &ReplyValues::rdns,
                                        &ReplyValues::rule,    &ReplyValues::session, &ReplyValues::score,
                                        &ReplyValues::help_url};

class Bytes {
 public:
  // Any bytes, or such as mean something to a template, an MTA or libmilter.
  std::string Next(std::size_t most) {
    std::string text(Number(most + 1), '\0');
    const bool any = Number(2) == 0;
    for (char& c : text) c = any ? static_cast<char>(Number(256)) : kTelling[Number(kTelling.size())];
    return text;
  }
  std::size_t Number(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(chance_); }

  ReplyValues Values() {
    ReplyValues values;
    for (const auto value : kValues) values.*value = Next(Number(8) == 0 ? 5'000 : 60);
    for (std::size_t i = Number(5); i > 0; --i) values.findings.push_back(Next(700));
    return values;
  }

 private:
  static constexpr std::string_view kTelling = "%{}5. \r\n-x\\\"<>";
  std::mt19937 chance_{512};
};

// As RFC 5321 sections 4.2 and 4.5.3.1.5 and RFC 3463 section 2 have it, line by line.
void ExpectValid(const SmtpReply& reply, Outcome outcome) {
  const char cls = outcome == Outcome::kReject ? '5' : '4';
  ASSERT_EQ(reply.permanent(), outcome == Outcome::kReject);
  ASSERT_FALSE(reply.lines().empty());
  ASSERT_LE(reply.lines().size(), SmtpReply::kMaxLines);
  ASSERT_EQ(reply.enhanced().front(), cls);
  for (const std::string& text : reply.lines()) {
    const std::string line = std::to_string(reply.code()) + "-" + reply.enhanced() + " " + text + "\r\n";
    ASSERT_LE(line.size(), SmtpReply::kMaxReplyOctets);
    ASSERT_EQ(line.front(), cls);
    ASSERT_TRUE(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) << EscapeBytes(text);
  }
}

TEST(ReplyProperty, EveryDefaultReply) {
  std::vector<ReplyTemplate> templates;
  for (const FactSpec& spec : FactTable()) {
    for (const std::string_view word : spec.values) {
      const std::string value = spec.type == FactType::kBool ? std::string(word) : "'" + std::string(word) + "'";
      const auto policy =
          testing::PolicyFrom("[[rule]]\nname = 'r'\noverrides_rfc5321 = true\naction = 'tempfail'\nwhen." +
                              std::string(spec.name) + " = " + value);
      ASSERT_EQ(policy->rules.size(), 1U) << spec.name;
      templates.push_back(*policy->rules[0].reply);
    }
  }
  Bytes bytes;
  for (const ReplyTemplate& each : templates) {
    for (int round = 0; round < 10; ++round) ExpectValid(each.Render(bytes.Values()), Outcome::kTempfail);
    // In an everyday session none is cut, and each tells where its log line is.
    const ReplyValues everyday{"mail.example.com",           "2001:db8:1111:2222:3333:4444:5555:6666",
                               "host.example.net",           "a-rule",
                               "0123456789abcdef",           "5.5",
                               "https://example.com/refused"};
    const SmtpReply reply = each.Render(everyday);
    EXPECT_TRUE(reply.lines()[0].ends_with(" (a-rule) [0123456789abcdef] https://example.com/refused"))
        << reply.lines()[0];
  }
}

TEST(ReplyProperty, AnyTemplateAndAnyValues) {
  Bytes bytes;
  int loaded = 0;
  for (int round = 0; round < 5'000; ++round) {
    const Outcome outcome = bytes.Number(2) == 0 ? Outcome::kReject : Outcome::kTempfail;
    std::string text = outcome == Outcome::kReject ? "550 " : "450 ";
    for (std::size_t i = bytes.Number(6); i > 0; --i) {
      constexpr std::array<std::string_view, 7> kParts{"{helo}", "{rdns} ", "{session}", "100% ",
                                                       "\n",     "word ",   "{help_url}"};
      text += kParts[bytes.Number(kParts.size())];
    }
    if (bytes.Number(4) == 0) text += bytes.Next(40);
    const auto made = ReplyTemplate::Parse(text, outcome);
    if (!made.ok()) continue;
    ++loaded;
    ExpectValid(made.value().Render(bytes.Values()), outcome);
  }
  EXPECT_GT(loaded, 1'000);
}

TEST(ReplyProperty, AnyTextMakesAValidReplyOrNone) {
  Bytes bytes;
  for (int round = 0; round < 1'000; ++round) {
    const auto made = SmtpReply::Make(550, "5.7.1", bytes.Next(2'000));
    if (made.ok()) ExpectValid(made.value(), Outcome::kReject);
  }
}

}  // namespace
}  // namespace heloguard
