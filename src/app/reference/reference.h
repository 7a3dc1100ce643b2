// The reference pages of docs/reference, printed from the tables in the code.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heloguard {

// The names of the pages: facts, actions, settings, metrics, commands.
[[nodiscard]] std::vector<std::string_view> ReferencePages();
// The page as Markdown, exactly what docs/reference/NAME.md holds; nullopt if there is no such page.
[[nodiscard]] std::optional<std::string> ReferencePage(std::string_view name);

// What a fact can be or be compared with: "fqdn, single-label, ..." or "CIDR block, @list".
struct FactSpec;
[[nodiscard]] std::string ValuesText(const FactSpec& spec);

}  // namespace heloguard
