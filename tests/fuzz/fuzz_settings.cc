// Any bytes as heloguard.toml: reading ends and says where each problem is in one printable line. Settings that are
// read without an error keep to their table: each row takes back what it prints, the whole file printed reads as the
// same settings, and no list is longer than it may be.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/toml/settings_reader.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 16 * 1024;

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

void RequirePresentable(const Diagnostics& found) {
  for (const Diagnostic& each : found) {
    Require(!each.error.message.empty());
    Require(std::ranges::all_of(each.error.message, [](char c) { return c >= ' ' && c <= '~'; }));
    Require(each.error.where.file == "fuzz.toml" && each.error.where.line > 0);
  }
}

// A file that says all there is.
std::string Printed(const Settings& settings) {
  std::string text;
  std::string_view section;
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.section != section) text += "[" + std::string(spec.section) + "]\n";
    section = spec.section;
    text += std::string(spec.key) + " = " + spec.value.print(settings) + "\n";
  }
  return text;
}

void RequireBounded(const Settings& settings) {
  Require(settings.dns.resolvers.size() <= 16 && settings.dns.health_canaries.size() <= 8);
  Require(settings.limits.trusted.size() <= 100);
  Require(settings.dns.deadline >= std::chrono::milliseconds(100) && settings.dns.deadline <= std::chrono::seconds(9));
  for (const std::string* text : {&settings.milter.socket, &settings.policy.file, &settings.service.help_url}) {
    Require(text->size() <= 1'024);
    Require(std::ranges::none_of(*text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }));
  }
}

void TrySettings(const std::string& text) {
  const LoadedSettings loaded = ReadSettingsText(text, "fuzz.toml");
  RequirePresentable(loaded.diagnostics);
  if (HasErrors(loaded.diagnostics)) return;
  RequireBounded(loaded.settings);
  const LoadedSettings again = ReadSettingsText(Printed(loaded.settings), "fuzz.toml");
  Require(again.diagnostics.empty() && again.settings == loaded.settings);
  Require(ChangedSettings(loaded.settings, again.settings).empty());
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  heloguard::TrySettings(std::string(reinterpret_cast<const char*>(data), std::min(size, heloguard::kMaxText)));
  return 0;
}
