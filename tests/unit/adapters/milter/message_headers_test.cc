// Which fields of a message are removed.
#include "adapters/milter/message_headers.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

constexpr std::string_view kField = "Authentication-Results";

MessageHeaders Begun() {
  MessageHeaders headers;
  headers.Begin("mx.example.net");
  return headers;
}

TEST(MessageHeaders, NumbersCountEveryFieldOfTheName) {
  MessageHeaders headers = Begun();
  headers.Saw("Received", "from x");
  headers.Saw(kField, "mx.example.net; spf=pass");
  headers.Saw(kField, "mx.example.org; spf=pass");
  headers.Saw("Subject", "mx.example.net");
  headers.Saw("AUTHENTICATION-results", "MX.example.net; spf=pass");
  headers.Saw("Authentication-Results \t", "mx.example.net; spf=pass");
  headers.Saw("X-Authentication-Results", "mx.example.net; spf=pass");
  headers.Saw("Authentication-Results-Original", "mx.example.net; spf=pass");
  EXPECT_EQ(headers.claiming(), (std::vector<int>{1, 3, 4}));
  EXPECT_FALSE(headers.too_many());
}

TEST(MessageHeaders, ANewMessageStartsAnew) {
  MessageHeaders headers = Begun();
  headers.Saw(kField, "mx.example.net; none");
  headers.Begin("mx.example.org");
  EXPECT_TRUE(headers.claiming().empty());
  headers.Saw(kField, "mx.example.net; none");
  headers.Saw(kField, "mx.example.org; none");
  EXPECT_EQ(headers.claiming(), std::vector<int>{2});
}

TEST(MessageHeaders, NobodyIsClaimedWithoutAName) {
  MessageHeaders headers;
  headers.Saw(kField, "; none");
  headers.Saw(kField, "");
  EXPECT_TRUE(headers.claiming().empty());
}

TEST(MessageHeaders, TooMany) {
  MessageHeaders headers = Begun();
  for (std::size_t i = 0; i < kMaxFieldsRemoved; ++i) headers.Saw(kField, "mx.example.net; none");
  for (int i = 0; i < 1'000; ++i) headers.Saw(kField, "mx.example.org; none");
  EXPECT_FALSE(headers.too_many());
  headers.Saw(kField, "mx.example.net; none");
  EXPECT_TRUE(headers.too_many());
  EXPECT_EQ(headers.claiming().size(), kMaxFieldsRemoved);
  EXPECT_TRUE(TooManyFieldsReply().permanent());
}

}  // namespace
}  // namespace heloguard
