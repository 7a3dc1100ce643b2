// The table of actions.
#include "heloguard/policy/action.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

TEST(ActionTest, TableIsInOrder) {
  ASSERT_EQ(ActionTable().size(), EnumNames<ActionKind>.size());
  for (const ActionSpec& spec : ActionTable()) {
    EXPECT_EQ(&SpecOf(spec.kind), &spec);
    EXPECT_EQ(NameOf(spec.kind), spec.name);
    EXPECT_EQ(spec.decides, spec.outcome.has_value()) << spec.name;
    EXPECT_FALSE(spec.help.empty());
  }
}

}  // namespace
}  // namespace heloguard
