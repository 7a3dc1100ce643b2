// TOML text to nodes: the only file that sees toml++ throw, and the typed reads with their error messages.
//
// It knows nothing of policies or settings. Values quoted in messages are escaped.
// Tests: tests/unit/adapters/toml/toml_document_test.cc, tests/golden/policy_errors/.
#include "adapters/toml/toml_document.h"

#include <cmath>
#include <exception>
#include <utility>

#include "adapters/toml/nesting.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

SourcePosition PositionOf(const toml::source_region& region, const std::string& file) {
  return {file, static_cast<std::uint32_t>(region.begin.line), static_cast<std::uint32_t>(region.begin.column)};
}

struct TypeName {
  toml::node_type type;
  std::string_view name;
};
constexpr TypeName kTypeNames[] = {
    {toml::node_type::table, "a table"},
    {toml::node_type::array, "an array"},
    {toml::node_type::string, "a string"},
    {toml::node_type::integer, "an integer"},
    {toml::node_type::floating_point, "a float"},
    {toml::node_type::boolean, "a boolean"},
    {toml::node_type::date, "a date"},
    {toml::node_type::time, "a time"},
    {toml::node_type::date_time, "a date and time"},
};

std::string_view TypeNameOf(const toml::node& node) {
  for (const TypeName& row : kTypeNames) {
    if (row.type == node.type()) return row.name;
  }
  return "nothing";
}

std::string Listed(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text.append("\"").append(words[i]).append("\"");
  }
  return text;
}

}  // namespace

Result<toml::table> ParseToml(std::string_view text, const std::string& file) {
  if (auto deep = FindDeepNesting(text)) {
    deep->file = file;
    return Error{ErrorKind::kConfig, "nests deeper than " + std::to_string(kMaxNesting), *std::move(deep)};
  }
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& e) {
    return Error{ErrorKind::kConfig, EscapeBytes(e.description(), 300), PositionOf(e.source(), file)};
  } catch (const std::exception& e) {  // out of memory, and whatever else a library may throw
    return Error{ErrorKind::kInternal, EscapeBytes(e.what(), 300), {file, 0, 0}};
  }
}

SourcePosition TomlValue::at() const {
  const SourcePosition position = PositionOf(node.source(), file);
  return position.line == 0 ? key_at : position;  // tables that a dotted key implies have no place of their own
}

void TomlValue::Error(std::string message) const { AddError(out, at(), std::move(message)); }

void TomlValue::ErrorType(std::string_view what) const {
  Error(path + " must be " + std::string(what) + ", not " + std::string(TypeNameOf(node)));
}

std::optional<std::string> TomlValue::Text() const {
  if (const auto* text = node.as_string()) return text->get();
  ErrorType("a string");
  return std::nullopt;
}

std::optional<bool> TomlValue::Bool() const {
  if (const auto* value = node.as_boolean()) return value->get();
  ErrorType("true or false");
  return std::nullopt;
}

std::optional<std::int64_t> TomlValue::Integer() const {
  if (const auto* value = node.as_integer()) return value->get();
  ErrorType("an integer");
  return std::nullopt;
}

std::optional<double> TomlValue::Number() const {
  if (const auto* value = node.as_integer()) return static_cast<double>(value->get());
  if (const auto* value = node.as_floating_point()) {
    if (std::isfinite(value->get())) return value->get();
    Error(path + " must be a finite number");
    return std::nullopt;
  }
  ErrorType("a number");
  return std::nullopt;
}

std::optional<std::string> TomlValue::Word(std::span<const std::string_view> words) const {
  auto text = Text();
  if (!text) return std::nullopt;
  for (const std::string_view word : words) {
    if (*text == word) return text;
  }
  Error(path + " must be " + Listed(words) + ", not " + Quoted(*text) + DidYouMean(*text, words));
  return std::nullopt;
}

std::vector<TomlValue> TomlValue::Elements() const {
  const toml::array* array = node.as_array();
  if (array == nullptr) return {*this};
  std::vector<TomlValue> elements;
  for (const toml::node& element : *array) elements.push_back({element, file, path, key_at, out});
  return elements;
}

TomlValue TomlValue::Child(const toml::key& key, const toml::node& value) const {
  const std::string name = EscapeBytes(key.str(), 80);
  return {value, file, path.empty() ? name : path + "." + name, PositionOf(key.source(), file), out};
}

void ReportUnknownKey(const TomlValue& value, std::string_view key, std::span<const std::string_view> known) {
  AddError(value.out, value.key_at, "unknown key " + Quoted(value.path) + DidYouMean(key, known));
}

}  // namespace heloguard
