// Ports as text.
#include "heloguard/base/port.h"

#include <gtest/gtest.h>

#include <utility>

namespace heloguard {
namespace {

TEST(ParsePort, Table) {
  const std::pair<std::string_view, int> rows[] = {
      {"25", 25}, {"1", 1},  {"65535", 65535}, {"65536", 0}, {"0", 0},    {"", 0},
      {"25x", 0}, {"-1", 0}, {"+25", 0},       {" 25", 0},   {"025", 25}, {"99999999999999999999", 0},
      {"smtp", 0}};
  for (const auto& [text, want] : rows) EXPECT_EQ(ParsePort(text).value_or(0), want) << text;
}

}  // namespace
}  // namespace heloguard
