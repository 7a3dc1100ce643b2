// The files that the [dns] settings name: read and written as a whole, errors under the setting's name.
//
// Thread rule: pure functions apart from the files.
#pragma once

#include <string>
#include <string_view>

#include "heloguard/base/result.h"

namespace heloguard {

// kConfig, "dns.SETTING: WHAT". `what` already escaped.
[[nodiscard]] Error SettingError(std::string_view setting, std::string_view what);
// The first MiB of the file.
[[nodiscard]] Result<std::string> ReadSettingFile(std::string_view setting, const std::string& path);
// Writes beside the file and renames, so that nobody ever reads a part of it.
[[nodiscard]] Status WriteSettingFile(std::string_view setting, const std::string& path, std::string_view text);
// An error unless this process may make and replace files in the folder of `path`.
[[nodiscard]] Status RequireWritableFolder(std::string_view setting, const std::string& path);

}  // namespace heloguard
