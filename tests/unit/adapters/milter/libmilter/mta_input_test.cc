// Client addresses as MTAs send them.
#include "adapters/milter/libmilter/mta_input.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <string>

namespace heloguard {
namespace {

sockaddr_storage SocketAddress(const char* text) {
  sockaddr_storage storage{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    std::memcpy(&storage, &v4, sizeof v4);
  } else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    std::memcpy(&storage, &v6, sizeof v6);
  } else {
    storage.ss_family = AF_UNIX;
  }
  return storage;
}

struct AddressRow {
  std::string_view what;
  const char* socket;  // null: none
  std::string_view macro;
  std::string_view want;  // "": no address
};

TEST(ClientAddress, Table) {
  const AddressRow rows[] = {
      {"IPv4", "192.0.2.1", "", "192.0.2.1"},
      {"IPv6", "2001:db8::1", "", "2001:db8::1"},
      {"mapped", "::ffff:192.0.2.1", "", "192.0.2.1"},
      {"the socket wins", "192.0.2.1", "198.51.100.1", "192.0.2.1"},
      {"unix socket, macro", "unix", "192.0.2.1", "192.0.2.1"},
      {"no socket address, macro", nullptr, "192.0.2.1", "192.0.2.1"},
      {"tagged", nullptr, "IPv6:2001:db8::1", "2001:db8::1"},
      {"tag in another case", nullptr, "ipV6:2001:db8::1", "2001:db8::1"},
      {"untagged", nullptr, "2001:db8::1", "2001:db8::1"},
      {"tagged and mapped", nullptr, "IPv6:::ffff:192.0.2.1", "192.0.2.1"},
      {"nothing", nullptr, "", ""},
      {"tag alone", nullptr, "IPv6:", ""},
      {"part of a tag", nullptr, "IPv6", ""},
      {"a name", nullptr, "localhost", ""},
      {"sendmail -bs", nullptr, "0", ""},
      {"rubbish behind", nullptr, "192.0.2.1 ", ""},
      {"unix socket, nothing", "unix", "", ""},
  };
  for (const AddressRow& row : rows) {
    const sockaddr_storage storage = SocketAddress(row.socket == nullptr ? "" : row.socket);
    const auto* address = row.socket == nullptr ? nullptr : reinterpret_cast<const sockaddr*>(&storage);
    const auto got = ClientAddress(address, row.macro);
    EXPECT_EQ(got ? got->ToString() : "", row.want) << row.what;
  }
}

TEST(CappedText, Table) {
  EXPECT_EQ(CappedText(nullptr, 5), "");
  EXPECT_EQ(CappedText("", 5), "");
  EXPECT_EQ(CappedText("four", 5), "four");
  EXPECT_EQ(CappedText("fiver", 5), "fiver");
  EXPECT_EQ(CappedText("sixsix", 5), "sixsi");
}

}  // namespace
}  // namespace heloguard
