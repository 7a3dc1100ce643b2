// heloguard.toml to Settings, row by row of the settings table.
#pragma once

#include <string>

#include "heloguard/settings.h"

namespace heloguard {

struct LoadedSettings {
  Settings settings;        // meaningful only without errors
  Diagnostics diagnostics;  // all problems at once
};

// Unknown sections and keys are errors with a suggestion; values out of range name the range. A missing file is
// kNoInput.
[[nodiscard]] LoadedSettings ReadSettings(const std::string& path);
[[nodiscard]] LoadedSettings ReadSettingsText(const std::string& text, const std::string& path);

}  // namespace heloguard
