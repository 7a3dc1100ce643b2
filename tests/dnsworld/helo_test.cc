// helo.address and helo.dnssec against real zones in every DNSSEC state. A and AAAA are joined before judging; the
// client's own family alone can settle a match. The expectations are the table of README.md.
#include <gtest/gtest.h>

#include "dns_world.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;

TEST(Helo, EveryNameOfTheTable) {
  struct Row {
    std::string helo, client, a, aaaa, address, dnssec, situation;
  };
  std::vector<Row> rows;
  std::vector<Subject> subjects;
  std::vector<Subject*> pointers;
  for (const auto& cells : ReadmeTable("HELO name")) {
    ASSERT_EQ(cells.size(), 7U) << cells.front();
    rows.push_back({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]});
    subjects.push_back(SubjectOf(cells[1], cells[0]));
  }
  ASSERT_GE(rows.size(), 40U);
  for (Subject& subject : subjects) pointers.push_back(&subject);
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  ResolveAll(*resolver, {LookupId::kHeloAddress}, pointers);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    SCOPED_TRACE(row.helo + " from " + row.client + ": " + row.situation);
    EXPECT_EQ(Ended(subjects[i].book, A(row.helo)), row.a);
    EXPECT_EQ(Ended(subjects[i].book, Aaaa(row.helo)), row.aaaa);
    EXPECT_EQ(Shown(FactId::kHeloAddress, subjects[i]), row.address);
    EXPECT_EQ(Shown(FactId::kHeloDnssec, subjects[i]), row.dnssec);
  }
}

}  // namespace
}  // namespace heloguard
