// DNS names: text, wire, order.
#include "heloguard/base/domain_name.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

DomainName Name(std::string_view text) {
  const auto name = DomainName::FromText(text);
  EXPECT_TRUE(name) << text;
  return name.value_or(DomainName());
}

std::string Repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(DomainName, FromText) {
  const struct {
    std::string_view text;
    std::vector<std::string> labels;
  } rows[] = {
      {"mail.example.com", {"mail", "example", "com"}},
      {"Mail.EXAMPLE.Com.", {"mail", "example", "com"}},  // one trailing dot, case folded
      {"friend", {"friend"}},
      {".", {}},
      {"a\\.b", {"a\\", "b"}},  // a backslash escapes nothing
      {"a\\000b", {"a\\000b"}},
      {"a\0b.c"sv, {"a\0b"s, "c"}},
      {"m\xc3\x9cller.de", {"m\xc3\x9cller", "de"}},  // only ASCII is folded
      {"a b.c\r\n", {"a b", "c\r\n"}},
  };
  for (const auto& row : rows) EXPECT_EQ(Name(row.text).labels(), row.labels) << row.text;
}

TEST(DomainName, FromTextRefuses) {
  const std::string rows[] = {
      "",
      "..",
      ".a",
      "a..",
      "a..b",
      "a.b..",
      std::string(64, 'a'),
      std::string(64, 'a') + ".com",
      Repeat("a.", 127) + "a",
      Repeat("a.", 128),
      std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(62, 'd')};
  for (const auto& row : rows) EXPECT_FALSE(DomainName::FromText(row)) << row;
}

TEST(DomainName, LimitsAreThoseOfTheWire) {
  const std::string longest =
      std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd');
  EXPECT_EQ(longest.size(), 253U);
  EXPECT_EQ(Name(longest).ToWire().size(), 255U);
  EXPECT_EQ(Name(longest + ".").ToWire().size(), 255U);
  EXPECT_EQ(Name(Repeat("a.", 126) + "a").labels().size(), 127U);
}

TEST(DomainName, FromWire) {
  EXPECT_EQ(DomainName::FromWire("\4mail\7eXample\3com\0"sv), Name("mail.example.com"));
  EXPECT_EQ(DomainName::FromWire("\0"sv), DomainName());
  const auto hostile = DomainName::FromWire("\3a.b\1c\0"sv);
  ASSERT_TRUE(hostile);
  EXPECT_EQ(hostile->labels(), (std::vector<std::string>{"a.b", "c"}));
  EXPECT_NE(*hostile, Name("a.b.c"));
  const std::string_view malformed[] = {"",
                                        "\4mai",
                                        "\1a",
                                        "\1a\0b"sv,
                                        "\1a\0\0"sv,
                                        "\xc0\x00"sv,
                                        "\x40",
                                        "\x80"
                                        "a\0"sv};
  for (const auto row : malformed) EXPECT_FALSE(DomainName::FromWire(row));
  EXPECT_FALSE(DomainName::FromWire(Repeat("\1a", 127) + "\1a" + '\0'));
  EXPECT_TRUE(DomainName::FromWire(Repeat("\1a", 127) + '\0'));
}

TEST(DomainName, ToTextShowsWhatIsThere) {
  const struct {
    std::string_view wire;
    std::string_view text;
  } rows[] = {
      {"\0"sv, "."},
      {"\4mail\2de\0"sv, "mail.de"},
      {"\3a.b\1c\0"sv, "a\\x2eb.c"},
      {"\4a\0 \\\0"sv, "a\\x00\\x20\\x5c"},
      {"\2\r\n\1c\0"sv, "\\x0d\\x0a.c"},
      {"\2\xc3\xbc\0"sv, "\\xc3\\xbc"},
      {"\1_\0"sv, "_"},
  };
  for (const auto& row : rows) {
    const auto name = DomainName::FromWire(row.wire);
    ASSERT_TRUE(name) << row.text;
    EXPECT_EQ(name->ToText(), row.text);
    EXPECT_EQ(name->ToWire(), row.wire);
  }
}

TEST(DomainName, Reverse) {
  EXPECT_EQ(DomainName::Reverse(*IpAddress::Parse("192.0.2.1")).ToText(), "1.2.0.192.in-addr.arpa");
  EXPECT_EQ(DomainName::Reverse(*IpAddress::Parse("2001:db8::1a")).ToText(),
            "a.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST(DomainName, IsHostName) {
  for (const char* yes : {"a", "mail.example.com", "3com.com", "1.2.3", "a-b.c", "xn--p1ai"}) {
    EXPECT_TRUE(Name(yes).IsHostName()) << yes;
  }
  for (const char* no : {".", "-a.com", "a-.com", "a_b.com", "a b.com", "*.com", "m\xc3\xbcller.de", "a.b-"}) {
    EXPECT_FALSE(Name(no).IsHostName()) << no;
  }
}

TEST(DomainName, IsAtOrUnder) {
  const struct {
    const char* name;
    const char* ancestor;
    bool is;
  } rows[] = {
      {"example.com", "example.com", true},
      {"a.b.example.com", "example.com", true},
      {"com", "example.com", false},
      {"badexample.com", "example.com", false},
      {"example.com", ".", true},
      {".", ".", true},
      {".", "com", false},
      {"example.com.org", "example.com", false},
      {"A.EXAMPLE.com", "example.COM", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Name(row.name).IsAtOrUnder(Name(row.ancestor)), row.is) << row.name << " " << row.ancestor;
  }
}

}  // namespace
}  // namespace heloguard
