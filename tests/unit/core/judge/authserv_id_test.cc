// Whose an incoming Authentication-Results field claims to be.
#include <gtest/gtest.h>

#include "heloguard/judge/authentication_results.h"

namespace heloguard {
namespace {

constexpr std::string_view kOwn = "mx.example.net";

struct Row {
  std::string what;
  std::string value;
};

TEST(ClaimsAuthservId, Ours) {
  const Row rows[] = {
      {"plain", "mx.example.net; spf=pass"},
      {"nothing but the id", "mx.example.net"},
      {"no result", "mx.example.net; none"},
      {"letter case", "MX.Example.NET; spf=pass"},
      {"a version", "mx.example.net 1; spf=pass"},
      {"a version after a fold", "mx.example.net\n\t1 (v1)\n ; spf=pass"},
      {"blanks", " \t mx.example.net \t ; spf=pass"},
      {"a fold before it", "\n mx.example.net;\n spf=pass"},
      {"CR LF folds", "\r\n mx.example.net\r\n ; spf=pass"},
      {"comments", "(a (nested \\) one)) mx.example.net (b); spf=pass"},
      {"a comment with a semicolon", "(;) mx.example.net; spf=pass"},
      {"a comment right behind it", "mx.example.net(1); spf=pass"},
      {"quotes", "\"mx.example.net\"; spf=pass"},
      {"a quoted pair", "\"mx.ex\\ample.net\"; spf=pass"},
      {"partly quoted", "mx.\"example\".net; spf=pass"},
      {"a trailing dot", "mx.example.net.; spf=pass"},
      // What the grammar forbids and some readers take all the same.
      {"blanks inside", "mx . example . net; spf=pass"},
      {"blanks inside, and a version", "mx. example .net 1; spf=pass"},
      {"comments inside", "mx.(x)example.net; spf=pass"},
      {"an open comment behind it", "mx.example.net (; spf=pass"},
      {"an open comment before it", "( mx.example.net; spf=pass"},
      {"an open quote", "\"mx.example.net; spf=pass"},
      {"an open quote behind a backslash", "\"mx.example.net\\"},
      {"a closed comment too much", ") mx.example.net; spf=pass"},
      {"a slash and a version", "mx.example.net/1; spf=pass"},
      {"an equals sign", "mx.example.net=x; spf=pass"},
      {"angle brackets", "<mx.example.net>; spf=pass"},
      {"an octet that is no text", "mx.example.net\xa0; spf=pass"},
      {"a control character", "mx.example.net\x0b; spf=pass"},
      {"a control character before it", "\x01mx.example.net; spf=pass"},
      {"more words than any id has",
       [] {
         std::string words;
         for (int i = 0; i < 100; ++i) words += "a ";
         return words + "mx.example.net; spf=pass";
       }()},
  };
  for (const Row& row : rows) EXPECT_TRUE(ClaimsAuthservId(row.value, kOwn)) << row.what;
}

// Of fields that do not plainly begin with somebody else's name: what some reader might trim, skip or decode until ours
// is left.
TEST(ClaimsAuthservId, NamesUsAnywhere) {
  const Row rows[] = {
      {"two names", "mx.example.org mx.example.net; spf=pass"},
      {"a version that is none", "mx.example.org v1; spf=pass smtp.helo=mx.example.net"},
      {"no id", "; spf=pass smtp.helo=mx.example.net"},
      {"no id, as some large senders write it", "spf=pass smtp.mailfrom=mx.example.net"},
      {"an encoded word", "=?utf-8?Q?mx.example.net?=; spf=pass"},
      {"an encoded word, each octet", "=?us-ascii?q?=6d=78=2e=65=78=61=6d=70=6c=65=2e=6e=65=74?=; spf=pass"},
      {"an encoded word in base64", "=?UTF-8?B?bXguZXhhbXBsZS5uZXQ=?=; spf=pass"},
      {"an encoded word with its language", "=?utf-8*en?b?bXguZXhhbXBsZS5uZXQ?=; spf=pass"},
      {"an encoded word in UTF-16", "=?utf-16?b?AG0AeAAuAGUAeABhAG0AcABsAGUALgBuAGUAdA==?=; spf=pass"},
      {"two encoded words", "=?utf-8?q?mx.exam?= =?utf-8?b?cGxlLm5ldA==?=; spf=pass"},
      {"an encoded word that does not end", "=?utf-8?b?bXguZXhhbXBsZS5uZXQ; spf=pass"},
      {"quotes inside an encoded word", "=?utf-8?q?=22mx.example.net=22?=; spf=pass"},
      {"blanks and an encoded word", "=?utf-8?q?=C2=A0?=mx.example.net; spf=pass"},
      {"percent-encoded", "%6dx%2Eexample%2enet; spf=pass"},
      {"percent-encoded blanks", "%C2%A0mx.example.net%20; spf=pass"},
      {"a percent sign in front", "%mx.example.net; spf=pass"},
      {"in a comment", "a=b (mx.example.net); spf=pass"},
      {"in quotes", "a=b \"mx.example.net\"; spf=pass"},
      {"comments inside", "a=b mx(x).example(y (z)).net; spf=pass"},
      {"comments inside that are encoded", "=?utf-8?q?mx=28x=29.example.net?=; spf=pass"},
      {"in a result", "a=b; spf=pass smtp.helo=mx.example.net"},
      {"with a U-label beside it",
       "\xc2\xa0"
       "b\xc3\xbc"
       "cher.example mx.example.net; spf=pass"},
      {"UTF-8 longer than needed",
       "mx\xc0\xae"
       "example.net; spf=pass"},
  };
  for (const Row& row : rows) EXPECT_TRUE(ClaimsAuthservId(row.value, kOwn)) << row.what;
}

// What a reader that knows Unicode may cut off, skip, or take for what is meant.
TEST(ClaimsAuthservId, UnicodeMakesNoDifference) {
  const Row rows[] = {
      {"U+0085", "\xc2\x85"},
      {"U+00A0", "\xc2\xa0"},
      {"Latin-1 no-break space", "\xa0"},
      {"U+00AD", "\xc2\xad"},
      {"Latin-1 soft hyphen", "\xad"},
      {"U+034F", "\xcd\x8f"},
      {"U+061C", "\xd8\x9c"},
      {"U+1680", "\xe1\x9a\x80"},
      {"U+180E", "\xe1\xa0\x8e"},
      {"U+2000", "\xe2\x80\x80"},
      {"U+2001", "\xe2\x80\x81"},
      {"U+2002", "\xe2\x80\x82"},
      {"U+2003", "\xe2\x80\x83"},
      {"U+2004", "\xe2\x80\x84"},
      {"U+2005", "\xe2\x80\x85"},
      {"U+2006", "\xe2\x80\x86"},
      {"U+2007", "\xe2\x80\x87"},
      {"U+2008", "\xe2\x80\x88"},
      {"U+2009", "\xe2\x80\x89"},
      {"U+200A", "\xe2\x80\x8a"},
      {"U+200B", "\xe2\x80\x8b"},
      {"U+200C", "\xe2\x80\x8c"},
      {"U+200D", "\xe2\x80\x8d"},
      {"U+200E", "\xe2\x80\x8e"},
      {"U+2028", "\xe2\x80\xa8"},
      {"U+2029", "\xe2\x80\xa9"},
      {"U+202F", "\xe2\x80\xaf"},
      {"U+205F", "\xe2\x81\x9f"},
      {"U+2060", "\xe2\x81\xa0"},
      {"U+2800", "\xe2\xa0\x80"},
      {"U+3000", "\xe3\x80\x80"},
      {"U+3164", "\xe3\x85\xa4"},
      {"U+FE0F", "\xef\xb8\x8f"},
      {"U+FEFF", "\xef\xbb\xbf"},
      {"U+FFA0", "\xef\xbe\xa0"},
      {"U+E0020", "\xf3\xa0\x80\xa0"},
      {"two of them", "\xe2\x80\x8b\xc2\xa0"},
  };
  for (const Row& row : rows) {
    const std::string& blank = row.value;
    for (const std::string& id : {blank + "mx.example.net", "mx.example.net" + blank, blank + "mx.example.net" + blank,
                                  "mx" + blank + ".example.net", "MX.EXA" + blank + "MPLE.net",
                                  "\"" + blank + "mx.example.net\"", "(x)" + blank + " mx.example.net 1"}) {
      EXPECT_TRUE(ClaimsAuthservId(id + "; spf=pass", kOwn)) << row.what << ": " << id;
      EXPECT_TRUE(ClaimsAuthservId("=; spf=pass reason=" + id, kOwn)) << row.what << ": " << id;
    }
  }
}

TEST(ClaimsAuthservId, OtherDotsAndLetters) {
  for (const std::string dot : {"\xef\xbc\x8e", "\xe3\x80\x82", "\xef\xbd\xa1", "\xef\xb9\x92", "\xe2\x80\xa4"}) {
    EXPECT_TRUE(ClaimsAuthservId("mx" + dot + "example" + dot + "net; spf=pass", kOwn)) << dot;
    EXPECT_TRUE(ClaimsAuthservId("= \xc2\xa0mx" + dot + "example.net; spf=pass", kOwn)) << dot;
  }
  // Full width, mathematical, circled.
  for (const std::string mx :
       {"\xef\xbc\xad\xef\xbd\x98", "\xf0\x9d\x90\xa6\xf0\x9d\x90\xb1", "\xe2\x93\x9c\xe2\x93\xa7"}) {
    EXPECT_TRUE(ClaimsAuthservId(mx + ".example.net; spf=pass", kOwn)) << mx;
    EXPECT_TRUE(ClaimsAuthservId("= " + mx + ".example.net; spf=pass", kOwn)) << mx;
    EXPECT_FALSE(ClaimsAuthservId(mx + ".example.org; spf=pass", kOwn)) << mx;
  }
}

// libmilter hands over what stands in front of a NUL; a reader that does not stop there sees more.
TEST(ClaimsAuthservId, EndsTooSoon) {
  for (const std::string_view value : {"", " \n\t ", "(", "(mx.example.org; spf=pass", "\"", "\"mx.example.org"}) {
    EXPECT_TRUE(ClaimsAuthservId(value, kOwn)) << value;
  }
}

TEST(ClaimsAuthservId, SomebodyElses) {
  const Row rows[] = {
      {"no id", "; spf=pass"},
      {"another host", "mx.example.org; spf=pass"},
      {"a host below", "a.mx.example.net; spf=pass"},
      {"the domain above", "example.net; spf=pass"},
      {"longer", "mx.example.network; spf=pass"},
      {"named in a result", "mx.example.org; spf=pass smtp.helo=mx.example.net"},
      {"named in a comment", "mx.example.org (from mx.example.net); spf=pass"},
      {"a version", "mx.example.org 1; spf=pass smtp.helo=mx.example.net"},
      {"a U-label",
       "b\xc3\xbc"
       "cher.example; spf=pass smtp.helo=mx.example.net"},
      {"letter case and a trailing dot", "MX.Example.ORG. ; spf=pass smtp.helo=mx.example.net"},
      {"quotes and comments", "(x) \"mx.example.org\" (y); spf=pass smtp.helo=mx.example.net"},
      {"blanks of Unicode, and not about us", "\xc2\xa0mx.example.org\xe3\x80\x80; spf=pass"},
      {"encoded, and not about us", "=?utf-8?q?mx.example.org?=; spf=pass smtp.helo=%61.example"},
      {"no id, as some large senders write it", "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com"},
      {"octets that are no text, and not about us", "mx.example.org\xff; spf=pass"},
  };
  for (const Row& row : rows) EXPECT_FALSE(ClaimsAuthservId(row.value, kOwn)) << row.what;
}

TEST(ClaimsAuthservId, OtherFormsOfOurName) {
  EXPECT_TRUE(
      ClaimsAuthservId("b\xc3\xbc"
                       "cher.example; spf=pass",
                       "xn--bcher-kva.example"));
  EXPECT_TRUE(
      ClaimsAuthservId("B\xc3\xbc"
                       "cher.example; spf=pass",
                       "XN--BCHER-KVA.example."));
  EXPECT_FALSE(
      ClaimsAuthservId("b\xc3\xb6"
                       "cher.example; spf=pass",
                       "xn--bcher-kva.example"));
  EXPECT_TRUE(
      ClaimsAuthservId("= \xe2\x80\x8b"
                       "B\xc3\x9c"
                       "CHER.example; spf=pass",
                       "xn--bcher-kva.example"));
  EXPECT_TRUE(ClaimsAuthservId("mx 1; spf=pass", "mx1"));
  EXPECT_TRUE(ClaimsAuthservId("\"mail hub\"; spf=pass", "mail hub"));
  EXPECT_TRUE(ClaimsAuthservId("a%41; spf=pass", "a%41"));
  EXPECT_FALSE(ClaimsAuthservId("; spf=pass", ""));
  EXPECT_FALSE(ClaimsAuthservId("mx.example.net; spf=pass", "\xff"));
}

TEST(ClaimsAuthservId, LongValues) {
  const std::string octets(200'000, 'a');
  EXPECT_FALSE(ClaimsAuthservId(octets, kOwn));
  // What stands behind an open comment or quote of this length may have been cut off.
  EXPECT_TRUE(ClaimsAuthservId("(" + octets, kOwn));
  EXPECT_TRUE(ClaimsAuthservId("\"" + octets, kOwn));
  EXPECT_FALSE(ClaimsAuthservId("\"" + octets + "\"", kOwn));
  EXPECT_TRUE(ClaimsAuthservId("(" + octets + ") mx.example.net;", kOwn));
  EXPECT_TRUE(ClaimsAuthservId(std::string(200'000, '(') + "mx.example.net", kOwn));
  EXPECT_FALSE(ClaimsAuthservId(octets + "; mx.example.net", kOwn));
  const std::string mx = "\xe2\x93\x9c\xe2\x93\xa7.example.net";
  for (const std::size_t length : {50U, 80U, 400U, 2000U}) {
    EXPECT_TRUE(ClaimsAuthservId("= " + std::string(length, 'a') + "\xc2\xa0" + mx, kOwn)) << length;
    EXPECT_TRUE(ClaimsAuthservId("= " + std::string(length, 'a') + " " + mx, kOwn)) << length;
  }
  // More foreign names than anybody writes.
  std::string foreign = "=";
  for (int i = 0; i < 100; ++i) foreign += " \xc3\xbc.example";
  EXPECT_TRUE(ClaimsAuthservId(foreign, kOwn));
}

TEST(IsAuthservId, Tokens) {
  for (const std::string_view yes : {"mx.example.net", "mx_1", "a", "xn--bcher-kva.example"})
    EXPECT_TRUE(IsAuthservId(yes));
  for (const std::string& no :
       {std::string(), std::string("a b"), std::string("a;b"), std::string("a@b"), std::string("[::1]"),
        std::string("b\xc3\xbc"), std::string("a\n"), std::string(256, 'a')}) {
    EXPECT_FALSE(IsAuthservId(no)) << no;
  }
}

}  // namespace
}  // namespace heloguard
