// Addresses and ports between the system's forms and ours.
#include "os/socket_address.h"

#include <gtest/gtest.h>
#include <sys/un.h>

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

TEST(SocketAddress, ThereAndBack) {
  for (const std::string_view text : {"192.0.2.1", "2001:db8::1"}) {
    const IpAddress address = IpAddress::Parse(text).value();
    const SocketAddress socket = ToSocketAddress(address, 8891);
    EXPECT_EQ(FromSocketAddress(socket.generic()), address) << text;
    EXPECT_EQ(PortOf(socket), 8891) << text;
  }
}

TEST(SocketAddress, NoInternetAddress) {
  SocketAddress socket;
  socket.storage.ss_family = AF_UNIX;
  EXPECT_EQ(FromSocketAddress(socket.generic()), std::nullopt);
  EXPECT_EQ(PortOf(socket), 0);
  EXPECT_EQ(FromSocketAddress(nullptr), std::nullopt);
}

}  // namespace
}  // namespace heloguard
