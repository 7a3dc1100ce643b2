// TOML text to nodes with positions, and the small typed reads every section of every file needs.
//
// A section is a table of keys {name, handler} (ReadKeys): an unknown key is an error with a suggestion, and no reader
// stops at its first problem. toml++ itself stops at the first syntax error; that one gives one finding.
// Thread rule: values and functions without state.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "heloguard/base/enum_set.h"
#include "heloguard/base/result.h"

namespace heloguard {

// Parses; the error has line and column. The only place that sees toml++ throw. Refuses what nests deeper than
// kMaxNesting (toml_outline.h) before toml++ sees it.
[[nodiscard]] Result<toml::table> ParseToml(std::string_view text, const std::string& file);

template <class T>
struct Located {
  T value;
  SourcePosition at;
};

// A value where it stands: what the handlers of a key table get. The typed reads report a value of another type and
// return nullopt then.
struct TomlValue {
  const toml::node& node;
  const std::string& file;
  std::string path;  // "policy.score.reject", as messages name it
  SourcePosition key_at;
  Diagnostics* out;

  [[nodiscard]] SourcePosition at() const;
  void Error(std::string message) const;  // at the value
  // "PATH must be WHAT, not an integer", at the value.
  void ErrorType(std::string_view what) const;

  [[nodiscard]] std::optional<std::string> Text() const;
  [[nodiscard]] std::optional<bool> Bool() const;
  [[nodiscard]] std::optional<std::int64_t> Integer() const;
  [[nodiscard]] std::optional<double> Number() const;  // an integer or a float, finite
  // One of `words`; reports any other with a suggestion.
  [[nodiscard]] std::optional<std::string> Word(std::span<const std::string_view> words) const;

  // The elements of an array, or the value alone if it is none.
  [[nodiscard]] std::vector<TomlValue> Elements() const;
  // A value inside this one.
  [[nodiscard]] TomlValue Child(const toml::key& key, const toml::node& value) const;
};

// One of the words of E, of `allowed` if given.
template <class E>
[[nodiscard]] std::optional<E> WordOf(const TomlValue& value,
                                      std::span<const std::string_view> allowed = EnumNames<E>) {
  const auto word = value.Word(allowed);
  return word ? FromName<E>(*word) : std::nullopt;
}

// One key of a section.
template <class Target>
struct KeySpec {
  std::string_view name;
  void (*read)(Target& target, const TomlValue& value);
};

// Reports a key that is not among `known`.
void ReportUnknownKey(const TomlValue& value, std::string_view key, std::span<const std::string_view> known);

// Hands every key of the table `section` to its handler. Reports a value that is no table, and unknown keys.
template <class Target>
void ReadKeys(const TomlValue& section, std::type_identity_t<std::span<const KeySpec<Target>>> specs, Target& target) {
  const toml::table* table = section.node.as_table();
  if (table == nullptr) {
    section.ErrorType("a table");
    return;
  }
  for (const auto& [key, node] : *table) {
    const TomlValue value = section.Child(key, node);
    const KeySpec<Target>* found = nullptr;
    for (const KeySpec<Target>& spec : specs) {
      if (spec.name == key.str()) found = &spec;
    }
    if (found != nullptr) {
      found->read(target, value);
      continue;
    }
    std::vector<std::string_view> known;
    for (const KeySpec<Target>& spec : specs) known.push_back(spec.name);
    ReportUnknownKey(value, key.str(), known);
  }
}

}  // namespace heloguard
