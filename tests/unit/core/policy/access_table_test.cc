// Access tables as values: engines that give up, replies, keys.
#include "heloguard/policy/access_table.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

AccessLine Line(std::string pattern, AccessClass what, std::vector<AccessPiece> text = {}) {
  AccessLine line;
  line.matcher.pattern = std::move(pattern);
  line.result.what = what;
  line.result.text = std::move(text);
  return line;
}

std::shared_ptr<const AccessTable> Compiled(std::vector<AccessLine> lines,
                                            const SetEngineFactory& factory = Re2EngineFactory()) {
  Diagnostics found;
  auto table = AccessTable::Compile(TableKind::kPcre, std::move(lines), &found, factory);
  EXPECT_TRUE(found.empty());
  return table;
}

SmtpReply Reply(int code, const std::string& text) {
  return SmtpReply::Make(code, code >= 500 ? "5.7.1" : "4.7.1", text).value();
}

class GivesUp : public SetEngine {
 public:
  Outcome Match(std::string_view, std::vector<int>*) const override { return Outcome::kGaveUp; }
};

TEST(AccessTableTest, AnEngineThatGivesUpIsNeverTakenForNoMatch) {
  AccessLine guard = Line("a", AccessClass::kDunno);
  guard.is_if = true;
  guard.end = 2;
  const auto table = Compiled({guard, Line("b", AccessClass::kReject), Line("c", AccessClass::kOk)},
                              [](const auto&, std::int64_t) { return std::make_unique<GivesUp>(); });
  EXPECT_EQ(table->Find("ab").what(), AccessClass::kReject);
  EXPECT_EQ(table->Find("bc").what(), AccessClass::kOk);
  EXPECT_EQ(table->Find("b").what(), AccessClass::kDunno);
  EXPECT_TRUE(table->Find("b").fell_back);
}

TEST(AccessTableTest, ATableOfManyPartsFindsTheFirst) {
  std::vector<AccessLine> lines;
  for (int i = 0; i < 50; ++i) lines.push_back(Line("^" + std::to_string(i), AccessClass::kReject));
  const auto halves = [](const std::vector<Pattern>& patterns, std::int64_t memory) -> std::unique_ptr<SetEngine> {
    return patterns.size() > 4 ? nullptr : Re2EngineFactory()(patterns, memory);
  };
  const auto table = Compiled(lines, halves);
  EXPECT_EQ(table->Find("49").line, &table->lines()[4]);
  EXPECT_FALSE(table->Find("49").fell_back);
}

TEST(AccessTableTest, Replies) {
  const auto table = Compiled({Line("^(.*)$", AccessClass::kReject, {{"no ", 0}, {"", 1}, {"!", 0}})});
  AccessLine line = table->lines()[0];
  const SmtpReply own = Reply(550, "own");
  EXPECT_EQ(table->ReplyOf(table->lines()[0], "x.example", own).ToString(), "550 5.7.1 no x.example!");
  EXPECT_EQ(table->ReplyOf(table->lines()[0], "x\r\ny", own).ToString(), "550 5.7.1 no x??y!");
  // Not the table's own line: its groups are nobody's.
  line.result.text.clear();
  EXPECT_EQ(table->ReplyOf(line, "x", own), own);
  line.result.code = 554;
  line.result.enhanced = "4.5.2";
  EXPECT_EQ(table->ReplyOf(line, "x", own).ToString(), "554 5.5.2 own");
  EXPECT_EQ(table->ReplyOf(line, "x", Reply(450, "own")).ToString(), "450 4.5.2 own") << "a refusal that only defers";
}

TEST(AccessTableTest, AReplyKeepsWithinItsOctets) {
  const auto table =
      Compiled({Line("^(.*)$", AccessClass::kReject, {{"a ", 0}, {"", 1}, {" b ", 0}, {"", 1}, {" end", 0}})});
  const std::string reply = table->ReplyOf(table->lines()[0], std::string(300, 'x'), Reply(550, "own")).ToString();
  EXPECT_LE(reply.size() + 2, SmtpReply::kMaxReplyOctets);
  EXPECT_TRUE(reply.ends_with(" end")) << "what the client said is cut before the postmaster's words are";
  const auto wordy = Compiled({Line("x", AccessClass::kReject, {{std::string(600, 'w'), 0}})});
  EXPECT_EQ(wordy->ReplyOf(wordy->lines()[0], "x", Reply(550, "own")).ToString().size() + 2,
            SmtpReply::kMaxReplyOctets);
}

TEST(AccessTableTest, AGroupThatIsNotThereIsAnError) {
  Diagnostics found;
  EXPECT_EQ(AccessTable::Compile(TableKind::kPcre, {Line("(a)", AccessClass::kReject, {{"", 2}})}, &found), nullptr);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].error.message, "the text names $2, but the pattern has fewer groups");
}

TEST(AccessTableTest, Keys) {
  EXPECT_EQ(AccessKey("mail_1.example-x"), "mail_1.example-x");
  EXPECT_EQ(AccessKey("a b<>()\\\";@c"), "a?b????????c");
  EXPECT_EQ(AccessKey(std::string_view("\0\x7f\t", 3)), "???");
  EXPECT_EQ(AccessKey("\xc3\xa9\xe2\x82\xac"), "\xc3\xa9\xe2\x82\xac");
  EXPECT_EQ(AccessKey("\xc3\xc3\xa9\xa9\xff"), "?\xc3\xa9\xa9?");
}

TEST(AccessTableTest, GroupsOfAMatch) {
  const auto groups = PatternGroups::Compile({"^(a|ab)(c|cd)?", {}}, false);
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->count(), 2U);
  EXPECT_EQ(groups->Match("ABCD"), (std::vector<std::string>{"A", "A", ""}));
  EXPECT_EQ(groups->Match("x"), std::vector<std::string>{});
  EXPECT_EQ(PatternGroups::Compile({"^(a|ab)(c|cd)?", {}}, true)->Match("abcd"),
            (std::vector<std::string>{"abcd", "ab", "cd"}));
  EXPECT_FALSE(PatternGroups::Compile({"(", {}}, false));
}

}  // namespace
}  // namespace heloguard
