// The sample configuration (settings.h): every setting with its default, commented out. Pure.
// Tests: tests/unit/core/settings_test.cc.
#include <algorithm>

#include "heloguard/settings.h"

namespace heloguard {
namespace {

using std::string_view;

// `text` as comment lines of at most 120 columns.
void AppendComment(std::string* out, string_view text) {
  constexpr std::size_t kColumns = 118;
  while (!text.empty()) {
    std::size_t length = text.size();
    if (length > kColumns) {
      const std::size_t blank = text.rfind(' ', kColumns);
      length = blank == string_view::npos ? kColumns : blank;
    }
    out->append("# ").append(text.substr(0, length)).append("\n");
    text.remove_prefix(length);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
}

}  // namespace

std::string PrintDefaultSettings() {
  std::string out =
      "# Settings of heloguard. A line that starts with # and a word shows a default; take the # away to change it.\n"
      "# Durations (\"4s\", \"300ms\", \"10m\") and sizes (\"64MiB\", \"512KiB\") are strings with a unit.\n";
  string_view section;
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.section != section) out.append("\n[").append(spec.section).append("]\n");
    section = spec.section;
    out.append("\n");
    AppendComment(&out, spec.help);
    AppendComment(&out, "Takes: " + std::string(spec.range) + (spec.reload ? ". A reload applies it." : ""));
    out.append("#").append(spec.key).append(" = ").append(spec.DefaultText()).append("\n");
  }
  return out;
}

}  // namespace heloguard
