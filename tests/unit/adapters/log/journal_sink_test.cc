// Fields of the journal out of lines; that journald takes them shows where there is one.
#include "adapters/log/journal_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/log/log_sink.h"
#include "sample_report.h"

namespace heloguard {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(JournalSinkTest, AFieldAKey) {
  EXPECT_THAT(JournalFields("session=abc client=192.0.2.1 port=- helo=a\\x20b=c score=0 from=<>"),
              ElementsAre("HELOGUARD_SESSION=abc", "HELOGUARD_CLIENT=192.0.2.1", "HELOGUARD_HELO=a\\x20b=c",
                          "HELOGUARD_SCORE=0", "HELOGUARD_FROM=<>"));
  EXPECT_THAT(JournalFields("repeated=7 within_s=60 client=192.0.2.1"),
              ElementsAre("HELOGUARD_REPEATED=7", "HELOGUARD_WITHIN_S=60", "HELOGUARD_CLIENT=192.0.2.1"));
}

TEST(JournalSinkTest, OtherLinesHaveNone) {
  for (const char* line : {"", " ", "started: version=1 socket=x", "reload failed", "x session=1"}) {
    EXPECT_THAT(JournalFields(line), IsEmpty()) << line;
  }
}

// Whatever stands in a line, names of fields are what journald takes.
TEST(JournalSinkTest, OddWordsAreNoFields) {
  EXPECT_THAT(JournalFields("session=a  =b UPPER=1 k-ey=2 key= key novalue=- _x=1 " + std::string(70, 'k') + "=1"),
              ElementsAre("HELOGUARD_SESSION=a", "HELOGUARD__X=1"));
}

TEST(JournalSinkTest, ALineOfAJudgement) {
  const SampleReport sample;
  const auto fields = JournalFields(FormatReport(sample.Report(), LogFormat::kText, true));
  EXPECT_THAT(fields, Each(StartsWith("HELOGUARD_")));
  EXPECT_THAT(fields, Contains(StartsWith("HELOGUARD_VERDICT=")));
}

}  // namespace
}  // namespace heloguard
