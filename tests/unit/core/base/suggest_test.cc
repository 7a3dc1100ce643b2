#include "heloguard/base/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace heloguard {
namespace {

constexpr std::array<std::string_view, 8> kKnown{"helo.kind",  "helo.name", "rdns.status",    "mode",
                                                 "on_unknown", "reject",    "client.address", "until"};

TEST(SuggestTest, NearestWord) {
  const struct {
    std::string_view word, nearest;
  } rows[] = {
      {"helo.knid", "helo.kind"},     // two letters swapped
      {"hello.kind", "helo.kind"},    // one too many
      {"rdnsstatus", "rdns.status"},  // one too few
      {"HELO.KIND", "helo.kind"},     // case
      {"on-unknown", "on_unknown"},   // hyphen for underscore
      {"mod", "mode"},
      {"rejct", "reject"},
      {"client.adress", "client.address"},
      {"mode", "mode"},
      {"", ""},
      {"quarantine", ""},
      {"x", ""},
      {"zz", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(Suggest(row.word, kKnown), row.nearest) << row.word;
}

TEST(SuggestTest, HostileWordsCostNothing) {
  EXPECT_EQ(Suggest(std::string(1U << 20U, 'a'), kKnown), "");
  EXPECT_EQ(Suggest(std::string("\0\xff", 2), kKnown), "");
  EXPECT_EQ(Suggest("helo.kind", {}), "");
}

TEST(SuggestTest, DidYouMean) {
  EXPECT_EQ(DidYouMean("helo.knid", kKnown), " (did you mean \"helo.kind\"?)");
  EXPECT_EQ(DidYouMean("quarantine", kKnown), "");
}

}  // namespace
}  // namespace heloguard
