// EmbedsAddress: the spellings providers use, and the numbers that agree by chance.
#include <gtest/gtest.h>

#include <string_view>

#include "heloguard/facts/helo.h"

namespace heloguard {
namespace {

struct Row {
  std::string_view address;
  std::string_view name;
};

void Expect(bool embedded, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    const auto address = IpAddress::Parse(row.address);
    ASSERT_TRUE(address) << row.address;
    EXPECT_EQ(EmbedsAddress(row.name, *address), embedded) << row.address << " in " << row.name;
  }
}

TEST(EmbedsAddress, FourOctets) {
  Expect(true, {
                   {"192.0.2.1", "192.0.2.1.dsl.example.net"},
                   {"192.0.2.1", "192-0-2-1.dsl.example.net"},
                   {"192.0.2.1", "192_0_2_1.dsl.example.net"},
                   {"192.0.2.1", "192-0.2_1.dsl.example.net"},
                   {"192.0.2.1", "ip192-0-2-1.example.net"},
                   {"192.0.2.1", "host-192-0-2-1-static.example.net"},
                   {"192.0.2.1", "host192-0-2-1x.example.net"},
                   {"192.0.2.1", "192-000-002-001.example.net"},
                   {"192.0.2.1", "c-192-0-2-1.hsd1.example.net"},
                   {"192.0.2.1", "10-192-0-2-1.example.net"},
                   {"192.0.2.1", "192-0-2-1"},
                   {"::ffff:192.0.2.1", "192-0-2-1.example.net"},
                   // reversed
                   {"192.0.2.1", "1.2.0.192.in-addr.arpa"},
                   {"192.0.2.1", "1-2-0-192.example.net"},
                   {"192.0.2.1", "001-002-000-192.example.net"},
                   // run together
                   {"192.0.2.1", "192000002001.example.net"},
                   {"192.0.2.1", "001002000192.example.net"},
                   {"192.0.2.1", "host192021.example.net"},
                   {"203.0.113.77", "203011377.example.net"},
                   {"203.0.113.77", "p203000113077x.example.net"},
                   {"203.0.113.77", "2030113077.example.net"},
                   {"203.0.113.77", "adsl203-000113077.example.net"},
                   // the host's own octets in front
                   {"203.0.113.77", "host77.203-0-113.example.net"},
                   {"203.0.113.77", "113-77.203-0.example.net"},
                   // with words between them
                   {"203.0.113.77", "77.red-203-0-113.example.net"},
                   {"203.0.113.77", "ip77.ip-203-0-113.example.net"},
                   {"203.0.113.77", "host77-113-dynamic.0-203-r.example.net"},
                   {"203.0.113.77", "203x0x113x77.example.net"},
               });
}

TEST(EmbedsAddress, LastOctets) {
  Expect(true, {
                   {"203.0.113.77", "dsl-113-77.example.net"},
                   {"203.0.113.77", "113-77.dyn.example.net"},
                   {"203.0.113.77", "113.77.pool.example.net"},
                   {"203.0.113.77", "77-113.adsl.example.net"},
                   {"203.0.113.77", "ppp113-77.example.net"},
                   {"203.0.113.77", "dhcp.113-77.example.net"},
                   {"203.0.113.77", "cust113077.dialup.example.net"},
                   {"203.0.113.77", "c113077.adsl.example.net"},
                   {"203.0.113.77", "host113-77.example.net"},
                   {"203.0.113.77", "dial-b1-113-77.example.net"},
                   {"203.0.113.77", "dsl-0-113-77.example.net"},
                   {"192.0.2.45", "pool-2-45.example.net"},
                   {"192.0.2.1", "pool-002-001.example.net"},
                   {"198.51.100.9", "static-51-100-9.example.net"},  // three octets need no word
                   {"198.51.100.9", "x051100009.example.net"},
               });
  Expect(false, {
                    {"203.0.113.77", "113-77.example.net"},  // no word
                    {"203.0.113.77", "mail113-77.example.net"},
                    {"203.0.113.77", "dsl-11377.example.net"},      // without a separator only padded
                    {"203.0.113.77", "dsl-10-113-77.example.net"},  // the octet before it is another
                    {"203.0.113.77", "dsl-77-113-9.example.net"},
                    {"203.0.113.77", "113-77.a.b.pool.example.net"},  // the word is not beside it
                    {"203.0.113.77", "113-77.dynacorp.example.net"},  // no such word
                    {"203.0.113.77", "113-77.poolside.example.net"},
                    {"192.0.2.1", "pool-2-1.example.net"},   // two digits
                    {"192.0.2.45", "host2-45.example.net"},  // a rack may be numbered so
                    {"192.0.2.45", "ip-2-45.example.net"},
                    {"203.0.113.77", "dsl-113-770.example.net"},
                    {"203.0.113.77", "dsl-1113-77.example.net"},
                });
}

TEST(EmbedsAddress, OneNumber) {
  Expect(true, {
                   {"192.0.2.1", "c0000201.example.net"},
                   {"192.0.2.1", "host-c0000201.example.net"},
                   {"192.0.2.1", "0xc0000201"},
                   {"192.0.2.1", "hc0000201.example.net"},
                   {"192.0.2.1", "dc0000201.example.net"},  // one letter in front that is a hexadecimal digit too
                   {"192.0.2.1", "010200c0.example.net"},
                   {"192.0.2.1", "c0-00-02-01.example.net"},
                   {"192.0.2.1", "3221225985.example.net"},
                   {"192.0.2.1", "host3221225985.example.net"},
                   {"203.0.113.77", "cb00714d.example.net"},
                   {"1.1.1.1", "16843009.example.net"},
               });
  Expect(false, {
                    {"192.0.2.1", "c00002011.example.net"},
                    {"192.0.2.1", "1c0000201.example.net"},
                    {"192.0.2.1", "13221225985.example.net"},
                    {"192.0.2.1", "32212259850.example.net"},
                    {"192.0.2.1", "c0-00-02-01a.example.net"},
                    {"1.2.3.4", "mail-01020304.example.net"},
                    {"0.0.10.1", "mail2561.example.net"},
                });
}

// An address of few digits counts only where it stands alone.
TEST(EmbedsAddress, FewDigits) {
  Expect(true, {
                   {"1.1.1.1", "1.1.1.1"},
                   {"1.1.1.1", "1-1-1-1.example.net"},
                   {"1.1.1.1", "ip1-1-1-1.example.net"},
                   {"1.1.1.1", "001001001001.example.net"},
                   {"1.2.3.4", "host-1-2-3-4.example.net"},
                   {"1.2.3.4", "4.3.2.1.dsl.example.net"},
                   {"10.0.0.1", "10-0-0-1.example.net"},
                   {"10.0.0.1", "0a000001.example.net"},
               });
  Expect(false, {
                    {"1.2.3.4", "mx1-2-3-4.example.com"},
                    {"1.2.3.4", "1234.example.com"},
                    {"1.2.3.4", "mail1234.example.com"},
                    {"1.2.3.4", "0-1-2-3-4.example.com"},
                    {"1.2.3.4", "1-2-3-4-5.example.com"},
                    {"1.2.3.4", "1-2-3-4a.example.com"},
                    {"1.2.3.4", "4-1-2-3.example.com"},
                    {"1.1.1.1", "1.1.1.1.1.example.com"},
                    {"1.1.1.1", "mail1111.example.com"},
                    {"1.1.1.1", "1-1.dyn.example.com"},
                    {"1.1.1.1", "a1b1c1d1.example.com"},
                    {"8.8.8.8", "08080808.example.com"},
                    {"10.0.0.1", "1000001.example.com"},
                    {"1.0.0.1", "100001.example.com"},
                    {"0.0.0.0", "0000.example.com"},
                });
}

TEST(EmbedsAddress, NotByChance) {
  Expect(false, {
                    {"10.1.2.3", "mail-10-1.example.com"},
                    {"10.1.200.30", "mail-10-1.example.com"},
                    {"192.0.2.1", "mail.example.com"},
                    {"192.0.2.1", "mail2.example.com"},
                    {"192.0.2.1", "mx1.192.example.com"},
                    {"192.0.2.1", "192-0-2.example.com"},
                    {"192.0.2.1", "192-0-2-10.example.com"},
                    {"192.0.2.1", "192-0-2-12.dsl.example.com"},
                    {"192.0.2.1", "1192-0-2-1.example.com"},
                    {"192.0.2.1", "mx10192-0-2-1.example.com"},
                    {"192.0.2.1", "192--0--2--1.example.com"},  // no usual spelling, and few digits
                    {"192.0.2.1", "192-0000-2-1.example.com"},
                    {"192.0.2.1", "1920021.example.com"},
                    {"192.0.2.1", "a192b0c2d1.example.com"},
                    {"203.0.113.77", "77.example.net"},
                    {"203.0.113.77", "host-113.example.net"},
                    {"203.0.113.77", "203-0.dyn.example.net"},
                    {"203.0.113.77", "mail-203-0-113.example.net"},  // the network, not the host
                    {"203.0.113.77", "o203.abc.0113.example.net"},
                    {"203.0.113.77", ""},
                    {"203.0.113.77", "..--..__"},
                    {"2001:db8::1", "mail1.db8.example.net"},
                });
}

TEST(EmbedsAddress, Ipv6) {
  Expect(true, {
                   {"2001:db8::1", "20010db8000000000000000000000001.example.net"},
                   {"2001:db8::1", "p20010db8000000000000000000000001.dip0.example.net"},
                   {"2001:db8::1", "1000000000000000000000008bd01002.example.net"},
                   {"2001:db8::1", "2001-db8-0-0-0-0-0-1.example.net"},
                   {"2001:db8::1", "2001-0db8-0000-0000-0000-0000-0000-0001.example.net"},
                   {"2001:db8::1", "2001.0db8.0000.0000.0000.0000.0000.0001.example.net"},
                   {"2001:db8::1", "1-0-0-0-0-0-db8-2001.example.net"},
                   {"2001:db8::1", "2001-db8--1.example.net"},
                   {"2001:db8::1", "ip6-2001-db8--1.example.net"},
                   {"2001:db8:1:2:3::4", "host-2001-db8-1-2-3--4.example.net"},
                   {"2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
                   {"2001:db8::1", "2-0-0-1-0-d-b-8-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0-1.example.net"},
                   // the interface identifier, and the hardware address in it
                   {"2001:db8::211:22ff:fe33:4455", "021122fffe334455.example.net"},
                   {"2001:db8::211:22ff:fe33:4455", "host-211-22ff-fe33-4455.example.net"},
                   {"2001:db8::211:22ff:fe33:4455", "pc-001122334455.example.net"},
                   {"2001:db8::211:22ff:fe33:4455", "00-11-22-33-44-55.dyn.example.net"},
                   {"2001:db8::211:22ff:fe33:4455", "0011.2233.4455.example.net"},
               });
  Expect(false, {
                    {"2001:db8::1", "mail-2001.example.net"},
                    {"2001:db8::1", "2001-db8-1.example.net"},
                    {"2001:db8::1", "2001-db8.example.net"},
                    {"2001:db8::1", "db8--1.example.net"},
                    {"2001:db8::1", "2001-db8--10.example.net"},
                    {"2001:db8::1", "2001-db8-0-0-0-0-0-11.example.net"},
                    {"2001:db8::1", "0000000000000001.example.net"},  // an identifier of one digit
                    {"2001:db8::1", "0-0-0-1.example.net"},
                    {"2001:db8::211:22ff:fe33:4455", "001122334456.example.net"},
                    {"2001:db8::211:22ee:ee33:4455", "001122334455.example.net"},  // not an EUI-64 identifier
                    {"::", "0.example.net"},
                });
}

}  // namespace
}  // namespace heloguard
