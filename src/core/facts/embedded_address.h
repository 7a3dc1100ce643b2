// What embedded_address.cc and embedded_ipv4.cc share: names cut into runs of digits. Private to core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/ascii.h"

namespace heloguard {

// Numbers in the order they would be written, without leading zeros.
using Parts = std::vector<std::string>;

[[nodiscard]] bool IsSeparator(char c);  // hyphen, underscore, dot

// A maximal run of octets of one sort.
struct Run {
  std::size_t begin;
  std::size_t end;
  std::string_view text;
};

// A name cut into runs, and the question whether a sequence of numbers stands in it.
class Runs {
 public:
  // REQUIRES: `name` outlives the object.
  Runs(std::string_view name, bool (*belongs)(char));

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const std::vector<Run>& all() const { return runs_; }
  // One of the runs is one of `texts`.
  [[nodiscard]] bool Has(std::initializer_list<std::string_view> texts) const;
  // The runs from `first` on are `parts`, leading zeros apart, none longer than `max_length`; anything between them.
  [[nodiscard]] bool Are(std::size_t first, const Parts& parts, std::size_t max_length) const;
  // Somewhere `parts` follow one another with single separators between them.
  [[nodiscard]] bool HasJoined(const Parts& parts, std::size_t max_length) const;

 private:
  std::string_view name_;
  std::vector<Run> runs_;
};

[[nodiscard]] Parts Reversed(Parts parts);
// Two lower-case hexadecimal digits an octet.
[[nodiscard]] std::string HexOf(std::span<const std::uint8_t> octets);
// `text` cut into pieces of `size` characters, leading zeros removed from each.
[[nodiscard]] Parts PiecesOf(std::string_view text, std::size_t size);

// EmbedsAddress for four octets.
[[nodiscard]] bool EmbedsIpv4(std::string_view name, std::span<const std::uint8_t> octets);

}  // namespace heloguard
