// The rows of the fact table, one function a topic. fact.cc puts them together in the order of FactId.
// Adding a fact is a row in one of these files; adding a topic is a line here and one in fact.cc.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "heloguard/facts/fact.h"

namespace heloguard {

[[nodiscard]] std::span<const FactSpec> ClientFacts();
[[nodiscard]] std::span<const FactSpec> HeloSyntaxFacts();
[[nodiscard]] std::span<const FactSpec> HeloLiteralFacts();
[[nodiscard]] std::span<const FactSpec> HeloTraitFacts();
[[nodiscard]] std::span<const FactSpec> ForwardDnsFacts();
[[nodiscard]] std::span<const FactSpec> RdnsFacts();
[[nodiscard]] std::span<const FactSpec> SpfFacts();

// The words of a FactType::kBool, in the order of Fact::Bool's bits.
inline constexpr std::array<std::string_view, 2> kBoolWords{"false", "true"};

}  // namespace heloguard
