// Reads the small values of policy files. Knows neither sections nor files.
// Tests: tests/golden/policy_errors/, tests/unit/adapters/toml/policy_reader_test.cc.
#include "adapters/toml/policy_values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxIdentifier = 64;

bool IsLowerAlnum(char c) { return IsLetter(c) || IsDigit(c); }

// What a name in a list may be made of: host names, and the brackets and colons of address literals.
bool IsHostCharacter(char c) { return IsLowerAlnum(c) || std::string_view("-_.:[]").find(c) != std::string_view::npos; }

}  // namespace

bool CheckIdentifier(const TomlValue& value, std::string_view name) {
  const bool made_of =
      std::ranges::all_of(name, [](char c) { return IsLowerAlnum(c) || c == '-' || c == '_' || c == '.'; });
  if (!name.empty() && name.size() <= kMaxIdentifier && made_of) return true;
  AddError(value.out, value.key_at,
           "the name " + Quoted(name) + " must be made of 1 to 64 of a-z 0-9 - _ . (no capitals, no spaces)");
  return false;
}

std::optional<std::string> ReadIdentifier(const TomlValue& value) {
  auto text = value.Text();
  if (!text) return std::nullopt;
  const TomlValue at_value{value.node, value.file, value.path, value.at(), value.out};
  return CheckIdentifier(at_value, *text) ? text : std::nullopt;
}

std::optional<IpNetwork> ReadNetwork(const TomlValue& value, const std::string& text) {
  auto network = IpNetwork::Parse(text);
  if (!network) value.Error(Quoted(text) + " is no IP address or CIDR block" + NetworkHint(text));
  return network;
}

std::optional<std::string> ReadHostName(const TomlValue& value) {
  const auto text = value.Text();
  if (!text) return std::nullopt;
  std::string name = LowerCase(*text);
  if (name.size() > 1 && name.ends_with('.')) name.pop_back();
  const bool fits = !name.empty() && name != "." && name.size() <= 255 && name.find("..") == std::string::npos;
  if (fits && std::ranges::all_of(name, IsHostCharacter)) return name;
  std::string_view hint;
  if (name.starts_with("*.")) hint = "; write \".example.com\" for everything below example.com";
  if (name.starts_with("@")) hint = "; a list cannot name another list";
  if (name.find_first_of("^$\\|()") != std::string::npos) hint = "; patterns go into a pattern file";
  if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) > 126; })) {
    hint = "; write it in its ASCII form (xn--...)";
  }
  value.Error(Quoted(*text) + " is no host name" + std::string(hint));
  return std::nullopt;
}

std::optional<std::string> ReadRecipient(const TomlValue& value) {
  const auto text = value.Text();
  if (!text) return std::nullopt;
  const std::size_t at = text->find('@');
  const bool whole = at == std::string::npos || (at > 0 && at + 1 < text->size());
  const bool printable = std::ranges::all_of(*text, [](char c) { return c > ' ' && c <= '~'; });
  if (!text->empty() && text->size() <= 320 && whole && printable) return LowerCase(*text);
  value.Error(Quoted(*text) + " is no recipient; write \"postmaster\" or \"user@example.com\"");
  return std::nullopt;
}

std::optional<Stage> ReadStage(const TomlValue& value) {
  static constexpr std::array<std::string_view, 3> kStages{NameOf(Stage::kHelo), NameOf(Stage::kMail),
                                                           NameOf(Stage::kRcpt)};
  return WordOf<Stage>(value, kStages);
}

std::optional<unsigned> ReadPercent(const TomlValue& value) {
  const auto percent = value.Integer();
  if (!percent) return std::nullopt;
  if (*percent >= 0 && *percent <= 100) return static_cast<unsigned>(*percent);
  value.Error("percent must be 0 to 100, not " + std::to_string(*percent));
  return std::nullopt;
}

std::optional<std::chrono::sys_days> ReadDate(const TomlValue& value) {
  const auto* date = value.node.as_date();
  if (date == nullptr) {
    value.ErrorType("a date without quotes, such as 2027-01-01");
    return std::nullopt;
  }
  return std::chrono::sys_days(std::chrono::year(date->get().year) / date->get().month / date->get().day);
}

}  // namespace heloguard
