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
      {"named in a version's place", "mx.example.org mx.example.net; spf=pass"},
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
  EXPECT_TRUE(ClaimsAuthservId("\"mail hub\"; spf=pass", "mail hub"));
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
