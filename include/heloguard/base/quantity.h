// Durations and sizes as a postmaster writes them, a whole number and a unit, and scores as he reads them.
//
// Outcome: reading gives nullopt for anything malformed (a sign, a blank, a fraction, another unit) and for what
// exceeds 2^53; what writing gives, reading takes back to the same value. Thread rule: pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace heloguard {

// "300ms", "4s", "10m", "1h". The unit may not be left out.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);
// The same with the largest unit that leaves a whole number: "1m" for 60 s, "90s" for 90. REQUIRES: duration >= 0.
[[nodiscard]] std::string DurationText(std::chrono::milliseconds duration);

// Octets: "64MiB", "512KiB", "2GiB", "4096".
[[nodiscard]] std::optional<std::size_t> ParseSize(std::string_view text);
// The same with the largest unit that leaves a whole number.
[[nodiscard]] std::string SizeText(std::size_t octets);

// A score or a sum of scores: six digits at most, so that 0.1 + 0.2 is "0.3"; never "-0".
[[nodiscard]] std::string ScoreText(double score);

}  // namespace heloguard
