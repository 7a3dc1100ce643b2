// Tests: tests/unit/core/base/quantity_test.cc.
#include "heloguard/base/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <system_error>

namespace heloguard {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Smallest first.
constexpr std::array<Unit, 4> kTimeUnits{{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 4> kSizeUnits{{{"", 1}, {"KiB", 1U << 10U}, {"MiB", 1U << 20U}, {"GiB", 1U << 30U}}};

using Units = std::array<Unit, 4>;

std::optional<std::uint64_t> Read(std::string_view text, const Units& units) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{}) return std::nullopt;
  const std::string_view name(stop, static_cast<std::size_t>(end - stop));
  const auto* const unit = std::ranges::find(units, name, &Unit::name);
  if (unit == units.end()) return std::nullopt;
  constexpr std::uint64_t kMax = std::uint64_t{1} << 53U;
  if (number > kMax / unit->factor) return std::nullopt;
  return number * unit->factor;
}

std::string Write(std::uint64_t value, const Unit& zero, const Units& units) {
  if (value == 0) return "0" + std::string(zero.name);
  const auto unit = std::find_if(units.rbegin(), units.rend(), [&](const Unit& u) { return value % u.factor == 0; });
  return std::to_string(value / unit->factor) + std::string(unit->name);
}

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  const auto count = Read(text, kTimeUnits);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*count));
}

std::string DurationText(std::chrono::milliseconds duration) {
  return Write(static_cast<std::uint64_t>(duration.count()), kTimeUnits[1], kTimeUnits);
}

std::optional<std::size_t> ParseSize(std::string_view text) {
  const auto count = Read(text, kSizeUnits);
  if (!count) return std::nullopt;
  return static_cast<std::size_t>(*count);
}

std::string SizeText(std::size_t octets) { return Write(octets, kSizeUnits[0], kSizeUnits); }

std::string ScoreText(double score) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%g", score + 0.0);  // + 0.0: no "-0"
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

}  // namespace heloguard
