// What a rule can do, and what can become of a session.
//
// The actions are the rows of one table (action.cc). The policy reader, the evaluator and the generated reference all
// read that table; a new action is a new row.
//
// Thread rule: values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "heloguard/base/enum_set.h"

namespace heloguard {

enum class ActionKind : std::uint8_t { kAccept, kReject, kTempfail, kNote, kScore };
template <>
inline constexpr std::array<std::string_view, 5> EnumNames<ActionKind>{"accept", "reject", "tempfail", "note", "score"};

// What becomes of a session, ordered by how much it refuses.
enum class Outcome : std::uint8_t { kAccept, kTempfail, kReject };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<Outcome>{"accept", "tempfail", "reject"};

// One row of the action table.
struct ActionSpec {
  ActionKind kind;
  std::string_view name;
  bool decides;                    // ends the walk through the rules
  std::optional<Outcome> outcome;  // of the actions that decide
  std::string_view help;
};

// All actions, in the order of ActionKind.
[[nodiscard]] std::span<const ActionSpec> ActionTable();

[[nodiscard]] const ActionSpec& SpecOf(ActionKind kind);

}  // namespace heloguard
