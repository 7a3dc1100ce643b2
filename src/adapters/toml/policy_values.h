// The values that policy files are made of, each read in one place: names, networks, recipients, stages.
// All report what is wrong at the value and return nullopt then.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/toml/toml_document.h"
#include "heloguard/base/ip_address.h"
#include "heloguard/facts/fact.h"

namespace heloguard {

// The name of a rule, list or policy: a-z 0-9 - _ . and at most 64 of them, so that it fits logs and metrics unquoted.
[[nodiscard]] std::optional<std::string> ReadIdentifier(const TomlValue& value);
// The same for a name that is a key.
[[nodiscard]] bool CheckIdentifier(const TomlValue& value, std::string_view name);

// "192.0.2.0/24", "2001:db8::1".
[[nodiscard]] std::optional<IpNetwork> ReadNetwork(const TomlValue& value, const std::string& text);

// A host name of a list, lower case, one trailing dot removed; a leading dot stays.
[[nodiscard]] std::optional<std::string> ReadHostName(const TomlValue& value);

// "postmaster" or "abuse@example.com", lower case.
[[nodiscard]] std::optional<std::string> ReadRecipient(const TomlValue& value);

// helo, mail or rcpt: where a refusal can be answered.
[[nodiscard]] std::optional<Stage> ReadStage(const TomlValue& value);

// 0 to 100.
[[nodiscard]] std::optional<unsigned> ReadPercent(const TomlValue& value);

// A date without quotes.
[[nodiscard]] std::optional<std::chrono::sys_days> ReadDate(const TomlValue& value);

}  // namespace heloguard
