// The table of what a rule can do. Policy reader, evaluator and reference documentation read it.
// Tests: tests/unit/core/policy/action_test.cc.
#include "heloguard/policy/action.h"

#include <array>

namespace heloguard {
namespace {

constexpr std::array<ActionSpec, EnumNames<ActionKind>.size()> kActions{{
    {ActionKind::kAccept, NameOf(ActionKind::kAccept), true, Outcome::kAccept,
     "Accepts the session; no later rule is looked at."},
    {ActionKind::kReject, NameOf(ActionKind::kReject), true, Outcome::kReject,
     "Refuses for good (5yz); no later rule is looked at."},
    {ActionKind::kTempfail, NameOf(ActionKind::kTempfail), true, Outcome::kTempfail,
     "Refuses for now (4yz), so that the client tries again; no later rule is looked at."},
    {ActionKind::kNote, NameOf(ActionKind::kNote), false, std::nullopt, "Logs and counts, and changes nothing."},
    {ActionKind::kScore, NameOf(ActionKind::kScore), false, std::nullopt,
     "Adds its score, which may be negative, to the sum the policy's thresholds judge; written as score = N."},
}};

}  // namespace

std::span<const ActionSpec> ActionTable() { return kActions; }

const ActionSpec& SpecOf(ActionKind kind) { return kActions[static_cast<std::size_t>(kind)]; }

}  // namespace heloguard
