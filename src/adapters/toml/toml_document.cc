// TOML text to nodes: the only file that sees toml++ throw, and the typed reads with their error messages.
//
// It knows nothing of policies or settings. Values quoted in messages are escaped.
// Tests: tests/unit/adapters/toml/toml_document_test.cc, tests/golden/policy_errors/.
#include "adapters/toml/toml_document.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <exception>
#include <map>
#include <utility>

#include "adapters/toml/toml_outline.h"
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

// --- texts with many elements of one array, [[rule]] ---
//
// toml++ looks up each dotted key among the tables that all dotted keys of the text have made so far, and the time goes
// with the square of their number: two seconds for 40,000 rules. So such a text is parsed in pieces of some thousand
// elements. Lines that belong to other pieces are left empty, and every node has the place it has in the whole text.

constexpr std::size_t kPiece = 1'000;  // elements
constexpr std::size_t kMostPieces = 32;

// Some lines of the text, the others empty.
class Excerpt {
 public:
  // REQUIRES: `lines` begin at line `first`, behind those appended before.
  void Append(std::string_view lines, std::uint32_t first) {
    text_.append(first - line_, '\n');
    text_ += lines;
    line_ = first + static_cast<std::uint32_t>(std::ranges::count(lines, '\n'));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::uint32_t line_ = 1;
};

struct Pieces {
  std::string_view array;        // the key
  Excerpt rest;                  // all that is not of the array
  std::deque<Excerpt> elements;  // of it, some in each
};

// The array with the most elements; "" if they fit one piece.
std::string_view LongestArray(const std::vector<TomlHeader>& headers) {
  std::map<std::string_view, std::size_t> counts;
  for (const TomlHeader& header : headers) counts[header.name] += header.element ? 1 : 0;
  counts.erase("");  // in quotes
  const auto most = std::ranges::max_element(counts, {}, [](const auto& each) { return each.second; });
  return most == counts.end() || most->second <= kPiece ? "" : most->first;
}

// nullopt for a text that needs none.
std::optional<Pieces> Divide(std::string_view text, const std::vector<TomlHeader>& headers) {
  Pieces pieces;
  pieces.array = LongestArray(headers);
  if (pieces.array.empty()) return std::nullopt;
  const std::size_t size = std::max(kPiece, headers.size() / kMostPieces);
  pieces.rest.Append(text.substr(0, headers.front().line_begin), 1);
  std::size_t count = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const TomlHeader& header = headers[i];
    const std::size_t end = i + 1 < headers.size() ? headers[i + 1].line_begin : text.size();
    const bool inside = header.name == pieces.array;  // an element, or a table of the last one
    if (inside && header.element && count++ % size == 0) pieces.elements.emplace_back();
    if (inside && pieces.elements.empty()) return std::nullopt;
    Excerpt& piece = inside ? pieces.elements.back() : pieces.rest;
    piece.Append(text.substr(header.line_begin, end - header.line_begin), header.line);
  }
  return pieces;
}

// The same document as from the whole text; nullopt if the pieces do not make one.
std::optional<toml::table> ParsePieces(const Pieces& pieces, const std::string& file) {
  toml::table root = toml::parse(pieces.rest.text(), file);
  if (root.contains(pieces.array)) return std::nullopt;
  toml::array* all = nullptr;
  for (const Excerpt& each : pieces.elements) {
    toml::table part = toml::parse(each.text(), file);
    toml::array* elements = part.size() == 1 ? part.begin()->second.as_array() : nullptr;
    if (elements == nullptr) return std::nullopt;
    if (all == nullptr) {
      all = root.insert(part.begin()->first, std::move(*elements)).first->second.as_array();
    } else {
      for (toml::node& element : *elements) all->push_back(std::move(*element.as_table()));
    }
  }
  return root;
}

// nullopt where the whole text has to say what is wrong.
std::optional<toml::table> ParseInPieces(std::string_view text, const TomlOutline& outline, const std::string& file) {
  const auto pieces = Divide(text, outline.headers);
  if (!pieces) return std::nullopt;
  try {
    return ParsePieces(*pieces, file);
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

}  // namespace

Result<toml::table> ParseToml(std::string_view text, const std::string& file) {
  TomlOutline outline = OutlineOf(text);
  if (outline.too_deep) {
    outline.too_deep->file = file;
    return Error{ErrorKind::kConfig, "nests deeper than " + std::to_string(kMaxNesting), *std::move(outline.too_deep)};
  }
  try {
    if (auto whole = ParseInPieces(text, outline, file)) return *std::move(whole);
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
