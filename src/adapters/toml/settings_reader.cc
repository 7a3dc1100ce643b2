// heloguard.toml to Settings: sections and keys are looked up in the settings table, so a new setting needs nothing
// here.
//
// Decides which TOML type a setting takes and reports all problems at once; what a value may be is the table's.
// Tests: tests/unit/adapters/toml/settings_reader_test.cc.
#include "adapters/toml/settings_reader.h"

#include <algorithm>
#include <memory>
#include <system_error>

#include "adapters/toml/toml_document.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"
#include "os/regular_file.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

std::vector<std::string_view> SectionNames() {
  std::vector<std::string_view> names;
  for (const SettingSpec& spec : SettingTable()) {
    if (names.empty() || names.back() != spec.section) names.push_back(spec.section);
  }
  return names;
}

// A key is often right but stands in the wrong section.
void ReportUnknownSetting(const TomlValue& value, std::string_view section, std::string_view key) {
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.key != key) continue;
    AddError(value.out, value.key_at,
             "unknown key " + Quoted(value.path) + " (" + std::string(key) + " stands in section [" +
                 std::string(spec.section) + "])");
    return;
  }
  std::vector<std::string_view> known;
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.section == section) known.push_back(spec.key);
  }
  ReportUnknownKey(value, key, known);
}

bool IsList(SettingType type) { return type == SettingType::kTextList || type == SettingType::kServerList; }

// The value as the text that the table's setters take; a value of another TOML type is reported.
std::optional<std::string> TextOf(const SettingSpec& spec, const TomlValue& value) {
  switch (spec.value.type) {
    case SettingType::kInteger: {
      const auto number = value.Integer();
      return number ? std::optional(std::to_string(*number)) : std::nullopt;
    }
    case SettingType::kBool: {
      const auto flag = value.Bool();
      return flag ? std::optional<std::string>(*flag ? "true" : "false") : std::nullopt;
    }
    case SettingType::kDuration:
    case SettingType::kSize:
    case SettingType::kMode:
      if (value.node.is_string()) return value.Text();
      value.ErrorType("a string such as " + spec.DefaultText());
      return std::nullopt;
    case SettingType::kText:
    case SettingType::kWord:
    case SettingType::kTextList:
    case SettingType::kServerList:
      return value.Text();
  }
  return std::nullopt;
}

std::vector<std::string_view> WordsOf(std::string_view range) {
  constexpr std::string_view kBetween = " | ";
  std::vector<std::string_view> words;
  while (!range.empty()) {
    const std::size_t end = std::min(range.find(kBetween), range.size());
    words.push_back(range.substr(0, end));
    range.remove_prefix(std::min(end + kBetween.size(), range.size()));
  }
  return words;
}

void ReadValue(const SettingSpec& spec, const TomlValue& value, Settings* settings) {
  const auto text = TextOf(spec, value);
  if (!text) return;
  if (spec.value.type == SettingType::kWord) {
    const std::vector<std::string_view> words = WordsOf(spec.range);
    if (!value.Word(words)) return;  // says what is wrong, with a suggestion
  }
  const std::string problem = spec.value.set(*settings, *text);
  if (problem.empty()) return;
  const std::string shown = value.node.is_string() ? Quoted(*text) : *text;
  value.Error(value.path + ": " + shown + " " + problem + " (takes " + std::string(spec.range) + ")");
}

void ReadSetting(const SettingSpec& spec, const TomlValue& value, Settings* settings) {
  if (!IsList(spec.value.type)) return ReadValue(spec, value, settings);
  for (const TomlValue& element : value.Elements()) ReadValue(spec, element, settings);
}

void ReadSection(std::string_view section, const TomlValue& value, Settings* settings) {
  const toml::table* const table = value.node.as_table();
  if (table == nullptr) return value.ErrorType("a section");
  for (const auto& [key, node] : *table) {
    const TomlValue child = value.Child(key, node);
    const SettingSpec* const spec = FindSetting(section, key.str());
    if (spec == nullptr) {
      ReportUnknownSetting(child, section, key.str());
    } else {
      ReadSetting(*spec, child, settings);
    }
  }
}

// What no single value can tell. REQUIRES: the values themselves are fine.
void CheckTogether(const toml::table& root, const std::string& path, LoadedSettings* loaded) {
  const Settings& settings = loaded->settings;
  if (settings.log.target == LogTarget::kFile && settings.log.file.empty()) {
    const TomlValue target{*root.at_path("log.target").node(), path, "log.target", {path, 0, 0}, &loaded->diagnostics};
    target.Error("log.target is \"file\", but log.file does not say which");
  }
}

Result<std::string> ReadWholeFile(const std::string& path) {
  auto text = ReadRegularFile(path, kMaxFileBytes);
  if (text.ok()) return text;
  return Error{text.error().kind, "cannot read it: " + text.error().message, {path, 0, 0}};
}

}  // namespace

LoadedSettings ReadSettingsText(const std::string& text, const std::string& path) {
  LoadedSettings loaded;
  const auto document = ParseToml(text, path);
  if (!document.ok()) {
    loaded.diagnostics.push_back({Severity::kError, document.error(), ""});
    return loaded;
  }
  const toml::table& table = document.value();
  const TomlValue root{table, path, "", {path, 1, 1}, &loaded.diagnostics};
  const std::vector<std::string_view> sections = SectionNames();
  for (const auto& [key, node] : table) {
    const TomlValue section = root.Child(key, node);
    if (std::find(sections.begin(), sections.end(), key.str()) != sections.end()) {
      ReadSection(key.str(), section, &loaded.settings);
    } else {
      AddError(&loaded.diagnostics, section.key_at,
               "unknown section " + Quoted(key.str()) + DidYouMean(key.str(), sections));
    }
  }
  if (!HasErrors(loaded.diagnostics)) CheckTogether(table, path, &loaded);
  // toml++ keeps keys in alphabetical order; people read files from the top.
  std::stable_sort(loaded.diagnostics.begin(), loaded.diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    const SourcePosition& x = a.error.where;
    const SourcePosition& y = b.error.where;
    return std::pair(x.line, x.column) < std::pair(y.line, y.column);
  });
  return loaded;
}

LoadedSettings ReadSettings(const std::string& path) {
  const auto text = ReadWholeFile(path);
  if (text.ok()) return ReadSettingsText(text.value(), path);
  LoadedSettings failed;
  failed.diagnostics.push_back({Severity::kError, text.error(), ""});
  return failed;
}

}  // namespace heloguard
