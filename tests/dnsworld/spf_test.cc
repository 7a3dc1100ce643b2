// spf.helo against real zones in every DNSSEC state, and against servers at fault. The expectations are the table of
// README.md.
#include <gtest/gtest.h>

#include "dns_world.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;

TEST(Spf, EveryNameOfTheTable) {
  struct Row {
    std::string helo, client, txt, result, situation;
  };
  std::vector<Row> rows;
  std::vector<Subject> subjects;
  std::vector<Subject*> pointers;
  for (const auto& cells : ReadmeTable("SPF name")) {
    ASSERT_EQ(cells.size(), 5U) << cells.front();
    rows.push_back({cells[0], cells[1], cells[2], cells[3], cells[4]});
    subjects.push_back(SubjectOf(cells[1], cells[0]));
  }
  ASSERT_GE(rows.size(), 40U);
  for (Subject& subject : subjects) pointers.push_back(&subject);
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  ResolveAll(*resolver, LookupsKeyedBy(LookupKey::kClientAndHelo), pointers);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    SCOPED_TRACE(row.helo + " from " + row.client + ": " + row.situation);
    EXPECT_EQ(Ended(subjects[i].book, Txt(row.helo)), row.txt);
    EXPECT_EQ(Shown(FactId::kSpfHelo, subjects[i]), row.result);
  }
}

}  // namespace
}  // namespace heloguard
