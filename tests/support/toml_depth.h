// How deep a parsed TOML document nests, as toml_outline.h counts: the oracle for what finds it in the text.
#pragma once

#include <algorithm>
#include <cstddef>

#include "adapters/toml/toml_document.h"

namespace heloguard::testing {

// `depth`: of `node` itself. The array that [[headers]] make and its tables have no bracket of their own.
inline std::size_t DeepestIn(const toml::node& node, std::size_t depth) {
  std::size_t deepest = depth;
  if (const toml::table* table = node.as_table()) {
    const std::size_t inside = depth + (table->is_inline() ? 1 : 0);
    deepest = inside;
    for (const auto& [key, value] : *table) deepest = std::max(deepest, DeepestIn(value, inside + 1));
  } else if (const toml::array* array = node.as_array()) {
    const auto in_brackets = [](const toml::node& each) { return !each.is_table() || each.as_table()->is_inline(); };
    const bool by_headers = !array->empty() && std::none_of(array->begin(), array->end(), in_brackets);
    const std::size_t inside = depth + (by_headers ? 0 : 1);
    deepest = inside;
    for (const toml::node& each : *array) deepest = std::max(deepest, DeepestIn(each, inside));
  }
  return deepest;
}

// REQUIRES: the document is shallow enough to walk.
inline std::size_t DepthOf(const toml::table& root) { return DeepestIn(root, 0); }

}  // namespace heloguard::testing
