// Clients with every kind of reverse DNS, judged with the real resolver: RFC 8601 section 3 for the status, RFC 4033
// section 5 for the DNSSEC state. The expectations are the tables of README.md.
#include <gtest/gtest.h>

#include <map>

#include "dns_world.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;

std::vector<Subject*> Pointers(std::vector<Subject>* subjects) {
  std::vector<Subject*> pointers;
  for (Subject& subject : *subjects) pointers.push_back(&subject);
  return pointers;
}

// The verified names, "-" if there are none or none is known.
std::string Verified(const Subject& subject) {
  const std::string shown = Shown(FactId::kRdnsName, subject);
  return shown == "n/a" || shown == "unknown" ? "-" : shown;
}

TEST(Clients, EveryOneOfTheTable) {
  struct Row {
    std::string client, ptr, ptr_dnssec, rdns_status, rdns_dnssec, verified, situation;
  };
  std::vector<Row> rows;
  std::vector<Subject> subjects;
  for (const auto& cells : ReadmeTable("client")) {
    ASSERT_EQ(cells.size(), 7U) << cells.front();
    for (const std::string& client : WithTwins(cells[0])) {
      rows.push_back({client, cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]});
      subjects.push_back(SubjectOf(client));
    }
  }
  ASSERT_GE(rows.size(), 200U);
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  ResolveAll(*resolver, LookupsKeyedBy(LookupKey::kClient), Pointers(&subjects));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const Subject& subject = subjects[i];
    SCOPED_TRACE(row.client + ": " + row.situation);
    EXPECT_EQ(Ended(subject.book, Ptr(row.client)), row.ptr + " " + row.ptr_dnssec);
    EXPECT_EQ(Shown(FactId::kRdnsStatus, subject), row.rdns_status);
    EXPECT_EQ(Shown(FactId::kRdnsDnssec, subject), row.rdns_dnssec);
    EXPECT_EQ(Verified(subject), row.verified);
  }
}

// --- the grid ---

// What a link of each kind has to end with, whatever the other link is.
struct Link {
  std::string_view kind;
  std::string_view ended;  // of a lookup behind it
};
constexpr std::array<Link, 6> kLinks{{
    {"secure", "answer secure"},       // RFC 4035 section 5.3.3: a signature that validates, up to the anchor
    {"insecure", "answer insecure"},   // RFC 4035 section 5.2: the parent proves that there is no DS
    {"bad-signature", "bogus bogus"},  // RFC 4035 section 5.3.3: no signature that validates
    {"expired", "bogus bogus"},        // RFC 4035 section 5.3.1: the current time is past the expiration
    {"wrong-ds", "bogus bogus"},       // RFC 4035 section 5.2: no DNSKEY matches the DS
    {"no-denial", "bogus bogus"},      // RFC 4035 section 5.4: the name does not exist, and no NSEC shows it
}};

struct Cell {
  std::string reverse, forward;  // kinds
  std::string expected;          // rdns.status and rdns.dnssec
  std::string client, name;
};

// Both families of every cell.
std::vector<Cell> Grid() {
  std::vector<Cell> grid;
  const auto rows = ReadmeTable("reverse \\ forward");
  EXPECT_EQ(rows.size(), kLinks.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    EXPECT_EQ(rows[r].size(), 1 + kLinks.size());
    EXPECT_EQ(rows[r][0], kLinks[r].kind);
    for (std::size_t f = 1; f < rows[r].size(); ++f) {
      Cell cell{std::string(kLinks[r].kind), std::string(kLinks[f - 1].kind), rows[r][f], "", ""};
      cell.name = "from-" + cell.reverse + "." + cell.forward + "-grid.net";
      for (const char* net : {"198.18.", "2001:db8:100"}) {
        const char* between = net[0] == '1' ? "." : "::";
        cell.client = net + std::to_string(r + 1) + between + std::to_string(f);
        grid.push_back(cell);
      }
    }
  }
  return grid;
}

TEST(Clients, EveryReverseLinkWithEveryForwardLink) {
  const auto grid = Grid();
  ASSERT_EQ(grid.size(), 2 * kLinks.size() * kLinks.size());
  std::map<std::string_view, std::string_view> ended;
  for (const Link& link : kLinks) ended[link.kind] = link.ended;
  std::vector<Subject> subjects;
  for (const Cell& cell : grid) subjects.push_back(SubjectOf(cell.client));
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  ResolveAll(*resolver, LookupsKeyedBy(LookupKey::kClient), Pointers(&subjects));
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const Cell& cell = grid[i];
    SCOPED_TRACE(cell.client + ": reverse " + cell.reverse + ", forward " + cell.forward);
    EXPECT_EQ(Shown(FactId::kRdnsStatus, subjects[i]) + " " + Shown(FactId::kRdnsDnssec, subjects[i]), cell.expected);
    // The links themselves: a bogus one must not pass because the other was never looked at, nor the other way round.
    EXPECT_EQ(Ended(subjects[i].book, Ptr(cell.client)), ended[cell.reverse]);
    DnsAnswers forward;
    const DnsQuestion addresses{Name(cell.name), AddressTypeFor(Ip(cell.client))};
    forward.Set(addresses, Answer(*resolver, addresses));
    EXPECT_EQ(Ended(forward, addresses), ended[cell.forward]);
    const bool bogus = cell.expected == "temperror bogus";
    EXPECT_EQ(Shown(FactId::kRdnsName, subjects[i]), bogus ? "unknown" : cell.name);
    EXPECT_EQ(Shown(FactId::kRdnsPtr, subjects[i]), ended[cell.reverse] == "bogus bogus" ? "unknown" : cell.name);
  }
}

// What is bogus comes without data and with the library's reason, whichever way it is bogus.
TEST(Clients, EveryWayToBeBogusHasItsReason) {
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  for (const char* client : {"198.18.3.1", "198.18.4.1", "198.18.5.1", "198.18.6.1", "198.18.6.15", "2001:db8:b::10",
                             "2001:db8:c::10", "198.18.64.7", "198.18.65.7"}) {
    const DnsAnswer answer = Answer(*resolver, Ptr(client));
    EXPECT_EQ(answer.status, DnsStatus::kBogus) << client;
    EXPECT_TRUE(answer.data.empty()) << client;
    EXPECT_NE(answer.why, "") << client;
  }
}

}  // namespace
}  // namespace heloguard
