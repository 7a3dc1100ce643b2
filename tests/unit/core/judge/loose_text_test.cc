// What the most lenient reader makes of a header field's text.
#include "core/judge/loose_text.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

struct Row {
  std::string text;
  std::string expected;
};

TEST(DecodeEncodings, EncodedWordsAndPercents) {
  const Row rows[] = {
      {"", ""},
      {"plain=text?", "plain=text?"},
      {"=?utf-8?q?a=20b_c?=", "a b c"},
      {"=?utf-8?Q?=4A=4a=zz=?=", "JJ=zz="},
      {"=?utf-8?B?YWJj?=", "abc"},
      {"=?utf-8?b?YW Jj!ZA==?=", "abcd"},
      {"=?utf-8*en?b?YWJj", "abc"},
      {"x =?a?q?1?= =?a?q?2?= y", "x 1 2 y"},
      {"=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
      {"=?utf-8?q", "=?utf-8?q"},
      {"=?", "=?"},
      {"=?" + std::string(100, 'a') + "?q?b?=", "=?" + std::string(100, 'a') + "?q?b?="},
      {"%41%4a%4Ab", "AJJb"},
      {"100%, %, %4, %zz", "100%, %, %4, %zz"},
      {"=?a?q?=25?=41", "A"},
  };
  for (const Row& row : rows) EXPECT_EQ(DecodeEncodings(row.text), row.expected) << row.text;
}

TEST(FoldLoosely, WhatIsPassedOver) {
  const Row rows[] = {
      {"", ""},
      {"Mx.Example", "mx.example"},
      {" a\tb\r\nc\x0b\x7f", "abc"},
      {"\"a\\b\"", "ab"},
      {"\xc2\xa0"
       "a\xe2\x80\x8b\xef\xbb\xbf"
       "b",
       "ab"},
      {"\xef\xbc\xa1\xef\xbc\x8e\xe3\x80\x82", "a.."},
      {"b\xc3\xbc"
       "cher\xe2\x82\xac\xf0\x9f\x99\x82",
       "b\xc3\xbc"
       "cher\xe2\x82\xac\xf0\x9f\x99\x82"},
      {"a\x80"
       "b\xff"
       "c\xc3",
       "abc"},
      {"a\xe2\x82"
       "b",
       "ab"},
      {"\xc0\xae\xe0\x81\xa1", ".a"},
      {"\xf7\xbf\xbf\xbf"
       "a",
       "a"},
  };
  for (const Row& row : rows) EXPECT_EQ(FoldLoosely(row.text), row.expected) << row.text;
}

TEST(FoldLoosely, IsStable) {
  for (int lead = 0; lead < 256; ++lead) {
    for (int next = 0; next < 256; ++next) {
      std::string text{'x', static_cast<char>(lead), static_cast<char>(next), '\x80', 'y'};
      const std::string folded = FoldLoosely(text);
      EXPECT_EQ(FoldLoosely(folded), folded);
    }
  }
}

}  // namespace
}  // namespace heloguard
