// Escaping of untrusted bytes and its reverse.
#include "heloguard/base/escape.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

using namespace std::string_view_literals;

TEST(EscapeBytes, Table) {
  const struct {
    std::string_view bytes;
    std::string_view text;
  } rows[] = {
      {"", ""},
      {"mail.example.com", "mail.example.com"},
      {"a b~!\"'", "a b~!\"'"},
      {"a\0b"sv, "a\\x00b"},
      {"a\r\nb", "a\\x0d\\x0ab"},
      {"\x1b[31m", "\\x1b[31m"},
      {"\x7f", "\\x7f"},
      {"m\xc3\xbcller", "m\\xc3\\xbcller"},
      {"\xff", "\\xff"},
      {"a\\b", "a\\x5cb"},
      {"\\x41", "\\x5cx41"},  // what looks like an escape does not become one
  };
  for (const auto& row : rows) {
    EXPECT_EQ(EscapeBytes(row.bytes), row.text);
    EXPECT_EQ(UnescapeBytes(row.text), row.bytes);
  }
}

TEST(EscapeBytes, CutsBetweenOctetsAndMarksIt) {
  const struct {
    std::string_view bytes;
    std::size_t cap;
    std::string_view text;
  } rows[] = {
      {"abcdef", 6, "abcdef"},
      {"abcdefg", 6, "abc..."},
      {"\xff\xff", 8, "\\xff\\xff"},
      {"\xff\xff\xff", 8, "\\xff..."},
      {"ab\xff"
       "cd",
       5, "ab..."},
      {"abcd", 3, "..."},
      {"abcd", 2, ".."},
      {"abcd", 0, ""},
      {"", 0, ""},
      {"ab", 2, "ab"},
  };
  for (const auto& row : rows) EXPECT_EQ(EscapeBytes(row.bytes, row.cap), row.text) << row.bytes << " " << row.cap;
}

TEST(EscapeBytes, NeverLongerThanTheCapAndAlwaysPrintable) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t cap = 0; cap < 1100; ++cap) {
    const std::string text = EscapeBytes(all, cap);
    ASSERT_LE(text.size(), cap);
    for (const char c : text) ASSERT_TRUE(c >= 0x20 && c <= 0x7e);
  }
  EXPECT_EQ(UnescapeBytes(EscapeBytes(all)), all);
}

TEST(UnescapeBytes, LeavesWhatIsNoEscape) {
  const struct {
    std::string_view text;
    std::string_view bytes;
  } rows[] = {
      {"\\xC3\\xbc", "\xc3\xbc"},
      {"\\x00", "\0"sv},
      {"\\\\x00", "\\x00"},
      {"\\x0", "\\x0"},
      {"\\x", "\\x"},
      {"\\", "\\"},
      {"\\xg0", "\\xg0"},
      {"\\n", "\\n"},
      {"a\\", "a\\"},
      {"\\x4\\x41",
       "\\x4"
       "A"},
  };
  for (const auto& row : rows) EXPECT_EQ(UnescapeBytes(row.text), row.bytes) << row.text;
}

}  // namespace
}  // namespace heloguard
