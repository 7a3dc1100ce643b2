// How the value of a setting is read from its text form and written as TOML, one row word for each type of value.
//
// Text<&Settings::log, &Settings::Log::file> is the SettingValue of that member; the others take limits besides. A
// reader says what is wrong with a text, "" if nothing, and then changes nothing.
// Thread rule: pure. Tests: tests/unit/core/settings_test.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "heloguard/base/quantity.h"
#include "heloguard/settings.h"

namespace heloguard::setting_values {

inline constexpr std::string_view kOutOfRange = "is out of range";
inline constexpr std::string_view kWrongWord = "is not a word it takes";

template <auto kSection, auto kMember>
using ValueType = std::remove_cvref_t<decltype(std::declval<Settings&>().*kSection.*kMember)>;

// A text that may be a path, a name or a URL: no control characters, and not endless.
[[nodiscard]] bool IsPlainText(std::string_view text);
// All of `text` as a number without sign; nullopt if it is none or does not fit.
[[nodiscard]] std::optional<std::uint64_t> ParseNumber(std::string_view text, int base = 10);

// What a value is written as in TOML.
[[nodiscard]] std::string TomlText(std::string_view text);
[[nodiscard]] std::string TomlText(const ServerAddress& server);
[[nodiscard]] std::string TomlText(const DomainName& name);
[[nodiscard]] std::string TomlText(const IpNetwork& network);

template <auto kSection, auto kMember>
std::string PrintText(const Settings& settings) {
  return TomlText(settings.*kSection.*kMember);
}

template <auto kSection, auto kMember>
inline constexpr SettingValue Text{SettingType::kText,
                                   [](Settings& settings, std::string_view text) -> std::string {
                                     if (!IsPlainText(text)) return "holds control characters or is too long";
                                     settings.*kSection.*kMember = text;
                                     return "";
                                   },
                                   PrintText<kSection, kMember>};

template <auto kSection, auto kMember, std::uint64_t kLow, std::uint64_t kHigh>
inline constexpr SettingValue Integer{
    SettingType::kInteger,
    [](Settings& settings, std::string_view text) -> std::string {
      using Number = ValueType<kSection, kMember>;
      static_assert(kHigh <= static_cast<std::uint64_t>(std::numeric_limits<Number>::max()));
      const auto number = ParseNumber(text);
      if (!number || *number < kLow || *number > kHigh) return std::string(kOutOfRange);
      settings.*kSection.*kMember = static_cast<Number>(*number);
      return "";
    },
    [](const Settings& settings) { return std::to_string(settings.*kSection.*kMember); }};

template <auto kSection, auto kMember>
inline constexpr SettingValue Bool{
    SettingType::kBool,
    [](Settings& settings, std::string_view text) -> std::string {
      if (text != "true" && text != "false") return "is neither true nor false";
      settings.*kSection.*kMember = text == "true";
      return "";
    },
    [](const Settings& settings) -> std::string { return settings.*kSection.*kMember ? "true" : "false"; }};

template <auto kSection, auto kMember, std::int64_t kLowMs, std::int64_t kHighMs>
inline constexpr SettingValue Duration{
    SettingType::kDuration,
    [](Settings& settings, std::string_view text) -> std::string {
      const auto duration = ParseDuration(text);
      if (!duration) return "is not a duration";
      if (duration->count() < kLowMs || duration->count() > kHighMs) return std::string(kOutOfRange);
      settings.*kSection.*kMember = *duration;
      return "";
    },
    [](const Settings& settings) { return TomlText(DurationText(settings.*kSection.*kMember)); }};

template <auto kSection, auto kMember, std::size_t kLow, std::size_t kHigh>
inline constexpr SettingValue Size{
    SettingType::kSize,
    [](Settings& settings, std::string_view text) -> std::string {
      const auto size = ParseSize(text);
      if (!size) return "is not a size";
      if (*size < kLow || *size > kHigh) return std::string(kOutOfRange);
      settings.*kSection.*kMember = *size;
      return "";
    },
    [](const Settings& settings) { return TomlText(SizeText(settings.*kSection.*kMember)); }};

// Three or four octal digits.
template <auto kSection, auto kMember>
inline constexpr SettingValue FileMode{SettingType::kMode,
                                       [](Settings& settings, std::string_view text) -> std::string {
                                         const auto mode = ParseNumber(text, 8);
                                         if (!mode || (text.size() != 3 && text.size() != 4))
                                           return "is not a file mode";
                                         if (*mode > 0777) return std::string(kOutOfRange);
                                         settings.*kSection.*kMember = static_cast<unsigned>(*mode);
                                         return "";
                                       },
                                       [](const Settings& settings) {
                                         const unsigned mode = settings.*kSection.*kMember;
                                         std::string digits = "0";
                                         for (const unsigned shift : {6U, 3U, 0U})
                                           digits += static_cast<char>('0' + ((mode >> shift) & 7U));
                                         return TomlText(digits);
                                       }};

template <auto kSection, auto kMember>
inline constexpr SettingValue Word{
    SettingType::kWord,
    [](Settings& settings, std::string_view text) -> std::string {
      const auto value = FromName<ValueType<kSection, kMember>>(text);
      if (!value) return std::string(kWrongWord);
      settings.*kSection.*kMember = *value;
      return "";
    },
    [](const Settings& settings) { return TomlText(NameOf(settings.*kSection.*kMember)); }};

// A text that `kWrong` finds nothing wrong with.
template <auto kSection, auto kMember, std::string (*kWrong)(std::string_view), SettingType kType = SettingType::kText>
inline constexpr SettingValue Checked{kType,
                                      [](Settings& settings, std::string_view text) {
                                        std::string wrong = kWrong(text);
                                        if (wrong.empty()) settings.*kSection.*kMember = text;
                                        return wrong;
                                      },
                                      PrintText<kSection, kMember>};

// A list, read one element at a time by kRead, which leaves the element alone and says why if it is none.
template <auto kSection, auto kMember, auto kRead, std::size_t kMax, SettingType kType = SettingType::kTextList>
inline constexpr SettingValue List{kType,
                                   [](Settings& settings, std::string_view text) -> std::string {
                                     auto& list = settings.*kSection.*kMember;
                                     if (list.size() >= kMax) return "is one too many";
                                     typename ValueType<kSection, kMember>::value_type element;
                                     std::string wrong = kRead(text, &element);
                                     if (wrong.empty()) list.push_back(std::move(element));
                                     return wrong;
                                   },
                                   [](const Settings& settings) {
                                     std::string list = "[";
                                     for (const auto& element : settings.*kSection.*kMember) {
                                       list.append(list.size() == 1 ? "" : ", ").append(TomlText(element));
                                     }
                                     return list + "]";
                                   }};

[[nodiscard]] std::string SetDnssec(Settings& settings, std::string_view text);
[[nodiscard]] std::string PrintDnssec(const Settings& settings);
[[nodiscard]] std::string WrongFacility(std::string_view text);
[[nodiscard]] std::string WrongListen(std::string_view text);
[[nodiscard]] std::string WrongAuthservId(std::string_view text);
[[nodiscard]] std::string ReadNetwork(std::string_view text, IpNetwork* network);
[[nodiscard]] std::string ReadResolver(std::string_view text, ServerAddress* server);
[[nodiscard]] std::string ReadCanary(std::string_view text, DomainName* name);
[[nodiscard]] std::string ReadOwnName(std::string_view text, std::string* name);

}  // namespace heloguard::setting_values
