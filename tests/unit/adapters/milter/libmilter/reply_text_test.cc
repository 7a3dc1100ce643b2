// Percent signs and the length libmilter takes.
#include "adapters/milter/libmilter/reply_text.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

struct Row {
  std::string_view what;
  std::string in;
  std::string out;
};

TEST(MilterReplyText, Table) {
  const Row rows[] = {
      {"nothing", "", ""},
      {"plain", "HELO refused", "HELO refused"},
      {"one percent sign", "100% sure", "100%% sure"},
      {"format string", "%s%n", "%%s%%n"},
      {"doubled already", "%%", "%%%%"},
      {"longest", std::string(980, 'a'), std::string(980, 'a')},
      {"longer", std::string(981, 'a'), std::string(980, 'a')},
      {"no half pair at the cap", std::string(979, 'a') + "%b", std::string(979, 'a')},
      {"whole pair at the cap", std::string(978, 'a') + "%b", std::string(978, 'a') + "%%"},
      {"nothing but percent signs", std::string(600, '%'), std::string(980, '%')},
  };
  for (const Row& row : rows) EXPECT_EQ(MilterReplyText(row.in), row.out) << row.what;
}

}  // namespace
}  // namespace heloguard
