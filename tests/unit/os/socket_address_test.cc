// Addresses and ports between the system's forms and ours.
#include "os/socket_address.h"

#include <gtest/gtest.h>
#include <sys/un.h>

namespace heloguard {
namespace {

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
