// Postfix tables by its manual pages: pcre_table(5), regexp_table(5), cidr_table(5), access(5). Each case is a table, a
// key, and what Postfix finds. That Postfix itself agrees on random tables is tested in tests/cli/import_test.py.
#include <gtest/gtest.h>

#include "tables/postfix_table.h"

namespace heloguard {
namespace {

struct Case {
  const char* what;
  const char* table;
  const char* key;
  const char* found;  // "LINE RESULT [code] [enhanced] [text]", "-" for nothing
};

std::shared_ptr<const AccessTable> TableOf(TableKind kind, const std::string& text) {
  PostfixTable read = ReadPostfixTable(kind, text, "t");
  const auto table = AccessTable::Compile(kind, std::move(read.lines), &read.diagnostics);
  for (const Diagnostic& d : read.diagnostics) {
    if (d.severity == Severity::kError) ADD_FAILURE() << d.error.ToString();
  }
  return table;
}

std::string Found(TableKind kind, const std::string& text, const std::string& key) {
  const auto table = TableOf(kind, text);
  if (!table) return "broken";
  const auto hit = kind == TableKind::kCidr ? table->Find(*IpAddress::Parse(key)) : table->Find(key);
  if (hit.line == nullptr) return "-";
  const AccessResult& result = hit.line->result;
  std::string found = std::to_string(hit.line->matcher.written.where.line) + " " + std::string(NameOf(result.what));
  if (result.code != 0) found += " " + std::to_string(result.code);
  if (!result.enhanced.empty()) found += " " + result.enhanced;
  // Through a reply, for what the groups took.
  const bool rejects = result.what != AccessClass::kDefer;
  const SmtpReply own = SmtpReply::Make(rejects ? 550 : 450, rejects ? "5.7.1" : "4.7.1", "").value();
  const std::string words = table->ReplyOf(*hit.line, key, own).text();
  return words.empty() ? found : found + " " + words;
}

void Check(TableKind kind, const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(Found(kind, c.table, c.key), c.found) << c.what << "\n" << c.table << c.key;
}

TEST(PostfixSemanticsTest, WhatAllTablesHaveInCommon) {
  const std::vector<Case> cases{
      {"the first match wins", "/a/ OK\n/ab/ REJECT\n", "ab", "1 OK"},
      {"the order is the file's", "/ab/ REJECT\n/a/ OK\n", "ab", "1 REJECT"},
      {"no match", "/a/ OK\n", "b", "-"},
      {"the empty key is never looked up", "/^/ REJECT\n", "", "-"},
      {"blank lines and comments", "\n   \n# x\n  # y\n/a/ OK\n", "a", "5 OK"},
      {"a line continues", "/a/\n\tREJECT\n  two\n", "a", "1 REJECT two"},
      {"comments stand between the lines of an entry", "/a/\n# c\n\n  REJECT x\n", "a", "1 REJECT x"},
      {"the pattern continues too", "/a\n b/ OK\n", "a?b", "-"},
      {"lines may end in CRLF", "/a/ OK\r\n\r\n/b/ REJECT x\r\n", "b", "3 REJECT x"},
      {"and need not end", "/a/ OK", "a", "1 OK"},
      {"a negated pattern", "!/a/ REJECT\n", "b", "1 REJECT"},
      {"that matches", "!/a/ REJECT\n", "a", "-"},
      {"negated twice", "!!/a/ REJECT\n", "a", "1 REJECT"},
      {"blanks behind the exclamation mark", "! /a/ REJECT\n", "b", "1 REJECT"},
      {"if", "if /a/\n/b/ OK\nendif\n", "ab", "2 OK"},
      {"if that fails", "if /a/\n/b/ OK\nendif\n", "b", "-"},
      {"behind endif", "if /a/\n/b/ OK\nendif\n/./ REJECT\n", "b", "4 REJECT"},
      {"if !", "if !/a/\n/b/ OK\nendif\n", "b", "2 OK"},
      {"if ! that fails", "if !/a/\n/b/ OK\nendif\n", "ab", "-"},
      {"nested", "if /a/\nif /b/\n/c/ OK\nendif\n/d/ REJECT\nendif\n", "abc", "3 OK"},
      {"nested, inner fails", "if /a/\nif /b/\n/c/ OK\nendif\n/d/ REJECT\nendif\n", "acd", "5 REJECT"},
      {"nested, outer fails", "if /a/\nif /b/\n/c/ OK\nendif\n/d/ REJECT\nendif\n/c/ DUNNO\n", "bcd", "7 DUNNO"},
      {"an empty block", "if /a/\nendif\n/a/ OK\n", "a", "3 OK"},
      {"keywords in any case, without a blank", "IF/a/\n/b/ OK\nEndIf\n", "ab", "2 OK"},
      {"any delimiter", "~a/b~ OK\n", "a/b", "1 OK"},
      {"the delimiter escaped", R"(/a\/b/ OK)", "a/b", "1 OK"},
      {"matching is case-insensitive", "/Mail/ OK\n", "mail", "1 OK"},
      {"the flag i toggles that", "/Mail/i OK\n", "mail", "-"},
      {"twice is none", "/Mail/ii OK\n", "mail", "1 OK"},
      {"what does not print is looked up as a question mark", "/a[?]b/ OK\n",
       "a\x01"
       "b",
       "1 OK"},
      {"and so are some that do", "/^[?][?][?]$/ OK\n", "<@>", "1 OK"},
      {"UTF-8 stays", "/^[\x80-\xff]+$/ OK\n", "\xc3\xa9", "1 OK"},
      {"other octets do not", "/^[?]$/ OK\n", "\xe9", "1 OK"},
  };
  Check(TableKind::kPcre, cases);
  Check(TableKind::kRegexp, cases);
}

TEST(PostfixSemanticsTest, Results) {
  const std::vector<Case> cases{
      {"OK", "/a/ OK\n", "a", "1 OK"},
      {"text behind OK does not matter", "/a/ ok fine\n", "a", "1 OK"},
      {"permit is a restriction that permits", "/a/ permit\n", "a", "1 OK"},
      {"a number is OK", "/a/ 1234567890\n", "a", "1 OK"},
      {"a code without a text is a number", "/a/ 550\n", "a", "1 OK"},
      {"DUNNO ends the search", "/a/ DUNNO\n/a/ REJECT\n", "a", "1 DUNNO"},
      {"REJECT", "/a/ REJECT\n", "a", "1 REJECT"},
      {"in any case", "/a/ reject No\n", "a", "1 REJECT No"},
      {"with an enhanced code", "/a/ REJECT 5.5.2 No\n", "a", "1 REJECT 5.5.2 No"},
      {"and nothing else", "/a/ REJECT 5.5.2\n", "a", "1 REJECT 5.5.2"},
      {"a code about addresses is none for a HELO", "/a/ 550 5.1.1 No\n", "a", "1 REJECT 550 5.0.0 No"},
      {"no enhanced code", "/a/ REJECT 5.5 No\n", "a", "1 REJECT 5.5 No"},
      {"5NN", "/a/ 554 5.7.1 No\n", "a", "1 REJECT 554 5.7.1 No"},
      {"521", "/a/ 521 go\n", "a", "1 REJECT 521 go"},
      {"4NN", "/a/ 450 Later\n", "a", "1 DEFER 450 Later"},
      {"421", "/a/ 421 go\n", "a", "1 DEFER 421 go"},
      {"DEFER", "/a/ DEFER 4.3.0 Later\n", "a", "1 DEFER 4.3.0 Later"},
      {"DEFER_IF_PERMIT", "/a/ DEFER_IF_PERMIT Later\n", "a", "1 DEFER Later"},
      {"DEFER_IF_REJECT is DUNNO", "/a/ DEFER_IF_REJECT Later\n", "a", "1 DUNNO"},
      {"WARN is DUNNO", "/a/ WARN look\n", "a", "1 DUNNO"},
      {"HOLD is DUNNO", "/a/ HOLD\n", "a", "1 DUNNO"},
      {"a restriction is DUNNO", "/a/ reject_unknown_client_hostname, permit\n", "a", "1 DUNNO"},
      {"tabs are blanks", "/a/\tREJECT\tNo\tway\n", "a", "1 REJECT No way"},
      {"what does not print", "/a/ REJECT No\x01\xc3\xa9\n", "a", "1 REJECT No???"},
  };
  Check(TableKind::kPcre, cases);
  Check(TableKind::kRegexp, cases);
}

TEST(PostfixSemanticsTest, Substitution) {
  const std::vector<Case> cases{
      {"$1", "/^(.*)-out(x?)$/ 550 use $1\n", "who-out", "1 REJECT 550 use who"},
      {"in braces and parentheses", "/^(.)(.)$/ 550 ${1}a$(2)b\n", "xy", "1 REJECT 550 xayb"},
      {"a group that took no part is empty", "/^(a)?b/ 550 <$1>\n", "b", "1 REJECT 550 <>"},
      {"$$", "/a/ 550 for 5$$\n", "a", "1 REJECT 550 for 5$"},
      {"a name is never an enhanced code", "/^(.*)$/ 550 $1 x\n", "5.5.2", "1 REJECT 550 5.5.2 x"},
      {"what the client put in is escaped", "/^(.*)$/ 550 $1\n", "\xc3\xa9", R"(1 REJECT 550 \xc3\xa9)"},
  };
  Check(TableKind::kPcre, cases);
  Check(TableKind::kRegexp, cases);
  Check(TableKind::kPcre, {{"Perl takes the first that fits", "/^(a|ab)(c|bcd)?/ 550 $1\n", "abcd", "1 REJECT 550 a"}});
  Check(TableKind::kRegexp, {{"POSIX the longest", "/^(a|ab)(c|cd)?/ 550 $1,$2\n", "abcd", "1 REJECT 550 ab,cd"}});
}

TEST(PostfixSemanticsTest, PcreFlags) {
  Check(TableKind::kPcre, {{"x leaves out blanks", "/a b # c/x OK\n", "ab", "1 OK"},
                           {"but not in brackets", "/a[ ]b/x OK\n", "a b", "-"},
                           {"without x they count", "/a b/ OK\n", "ab", "-"},
                           {"A anchors", "/b|a/A OK\n", "ba", "1 OK"},
                           {"at the start alone", "/b|c/A OK\n", "ab", "-"},
                           {"U turns greediness round", "/^(a+)/U 550 $1\n", "aaa", "1 REJECT 550 a"},
                           {"and back", "/^(a+?)/U 550 $1\n", "aaa", "1 REJECT 550 aaa"},
                           {"m, s, E and X change nothing on one line", "/^a.b$/msEX OK\n", "a.b", "1 OK"}});
}

TEST(PostfixSemanticsTest, RegexpsAreExtendedOnes) {
  Check(TableKind::kRegexp, {{"a backslash in brackets is itself", R"(/^[\d]$/ OK)", "d", "1 OK"},
                             {"and no escape", R"(/^[\d]$/ OK)", "5", "-"},
                             {"letters after a backslash are letters", R"(/^\d$/ OK)", "d", "1 OK"},
                             {"repeated repetition", "/^a+*b$/ OK\n", "aab", "1 OK"},
                             {"ranges fold to capitals", "/[0-z]/ OK\n", "_", "-"},
                             {"m changes nothing on one line", "/^a$/m OK\n", "a", "1 OK"}});
}

TEST(PostfixSemanticsTest, Networks) {
  const std::string families = "10.0.0.0/8 OK\n2001:db8::/32 REJECT\n";
  Check(TableKind::kCidr,
        {{"an address alone", "192.0.2.1 OK\n", "192.0.2.1", "1 OK"},
         {"and no other", "192.0.2.1 OK\n", "192.0.2.2", "-"},
         {"a network", families.c_str(), "10.1.2.3", "1 OK"},
         {"the other family", families.c_str(), "2001:db8::1", "2 REJECT"},
         {"a mapped client is an IPv4 client", families.c_str(), "::ffff:10.1.2.3", "1 OK"},
         {"a mapped network is none", "::ffff:10.0.0.0/104 OK\n", "10.1.2.3", "-"},
         {"all of IPv4", "0.0.0.0/0 OK\n", "192.0.2.1", "1 OK"},
         {"is nothing of IPv6", "0.0.0.0/0 OK\n", "::1", "-"},
         {"brackets around the address", "[2001:db8::]/32 OK\n", "2001:db8::1", "1 OK"},
         {"or around all", "[2001:db8::/32] OK\n", "2001:db8::1", "1 OK"},
         {"a length with a zero in front", "10.0.0.0/08 OK\n", "10.1.2.3", "1 OK"},
         {"negated", "!10.0.0.0/8 OK\n", "192.0.2.1", "1 OK"},
         {"which the other family does not meet", "!10.0.0.0/8 OK\n", "::1", "-"},
         {"if", "if 10.0.0.0/8\n10.1.0.0/16 OK\nendif\n0.0.0.0/0 REJECT\n", "10.1.0.1", "2 OK"},
         {"if that fails", "if 10.0.0.0/8\n!10.1.0.0/16 OK\nendif\n0.0.0.0/0 REJECT\n", "192.0.2.1", "4 REJECT"},
         {"if !", "if !10.0.0.0/8\n0.0.0.0/0 OK\nendif\n", "192.0.2.1", "2 OK"},
         {"if ! of the other family", "if !10.0.0.0/8\n::/0 OK\nendif\n", "::1", "-"},
         {"a dollar sign is itself", "10.0.0.0/8 550 $1 $$\n", "10.0.0.1", "1 REJECT 550 $1 $$"},
         {"lines continue", "10.0.0.0/8\n  REJECT no\n", "10.0.0.1", "1 REJECT no"}});
}

TEST(PostfixSemanticsTest, ExamplesOfTheManualPages) {
  const std::string majordomo = "if !/^owner-/\n/^(.*)-outgoing@(.*)$/  550 Use ${1}@${2} instead\nendif\n";
  Check(TableKind::kRegexp, {{"owner", majordomo.c_str(), "owner-x-outgoing", "-"}});
  Check(TableKind::kRegexp, {{"base 64", "~^[[:alnum:]+/]{60,}$~          OK\n",
                              "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij", "1 OK"}});
  Check(TableKind::kPcre,
        {{"a multi-line entry",
          "/^noddy.my\\.domain$/\n 550 This user is a funny one. You really don't want to send mail to\n"
          " them as it only makes their head spin.\n",
          "noddy.my.domain",
          "1 REJECT 550 This user is a funny one. You really don't want to send mail to them as it only "
          "makes their head spin."}});
  const std::string clients =
      "192.168.1.1             OK\n192.168.0.0/16          REJECT\n2001:db8::1             OK\n2001:db8::/32           "
      "REJECT\n";
  Check(TableKind::kCidr, {{"allowed", clients.c_str(), "192.168.1.1", "1 OK"},
                           {"denied", clients.c_str(), "192.168.1.2", "2 REJECT"},
                           {"allowed, IPv6", clients.c_str(), "2001:db8::1", "3 OK"},
                           {"denied, IPv6", clients.c_str(), "2001:db8::2", "4 REJECT"}});
}

TEST(PostfixSemanticsTest, NamesOfTables) {
  EXPECT_EQ(ParseTableName("pcre:/etc/postfix/x").value().path, "/etc/postfix/x");
  EXPECT_EQ(ParseTableName("cidr:a:b").value().path, "a:b");
  EXPECT_EQ(ParseTableName("regexp:x").value().kind, TableKind::kRegexp);
  for (const char* wrong : {"", "x", "hash:/etc/access", "pcre:", "PCRE:x", "pcre:{ { /x/ OK } }"}) {
    EXPECT_FALSE(ParseTableName(wrong).ok()) << wrong;
  }
}

TEST(PostfixSemanticsTest, SizesAreCapped) {
  const auto first_error = [](const std::string& text) {
    const PostfixTable table = ReadPostfixTable(TableKind::kPcre, text, "t");
    return table.diagnostics.empty() ? "" : table.diagnostics.front().error.ToString();
  };
  EXPECT_EQ(first_error("/a/ REJECT " + std::string(kMaxTableLine, 'x')),
            "t:1:1: this line is longer than 8192 octets");
  EXPECT_EQ(first_error("/a/ REJECT x\n " + std::string(kMaxTableLine - 4, 'x')),
            "t:2:1: this entry is longer than 8192 octets");
  EXPECT_EQ(first_error("/" + std::string(4'097, 'x') + "/ OK"), "t:1:2: a pattern has 4096 octets at most");
  std::string many;
  for (std::size_t i = 0; i <= kMaxTableLines; ++i) many += "1.2.3.4 OK\n";
  const PostfixTable table = ReadPostfixTable(TableKind::kCidr, many, "t");
  ASSERT_EQ(table.diagnostics.size(), 1U);
  EXPECT_EQ(table.diagnostics[0].error.ToString(), "t:100001:1: a table may have 100000 entries at most");
}

}  // namespace
}  // namespace heloguard
