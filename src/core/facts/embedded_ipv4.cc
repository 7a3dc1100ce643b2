// The IPv4 half of EmbedsAddress (embedded_address.h).
//
// Octets are read one after another, each plain or padded with zeros, with one separator or nothing between them, from
// a place that no digit stands before to one that none follows. What is written must be more than a few digits: the
// four numbers of 1.1.1.1 only count where they stand alone, and the last two octets only beside a word such as "dsl".
// Tests: tests/unit/core/facts/embedded_address_test.cc.
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "core/facts/embedded_address.h"

namespace heloguard {
namespace {

constexpr std::size_t kEnoughDigits = 6;   // written together or with separators: 192021 for 192.0.2.1
constexpr std::size_t kApartDigits = 8;    // with words between the octets
constexpr std::size_t kDecimalDigits = 8;  // as one number: 16843009 for 1.1.1.1
constexpr std::size_t kAllPadded = 12;     // 001001001001 for 1.1.1.1
constexpr std::size_t kPaddedTriple = 9;   // three octets without separators: only as 000002001
constexpr std::size_t kPaddedPair = 6;     // two octets without a separator: only as 002001

// A word that says "numbered customer", and the least number of digits two octets beside it must have. Those with a 5
// stand beside rack and port numbers as well.
struct DynamicWord {
  std::string_view word;
  std::size_t digits;
};
constexpr DynamicWord kDynamicWords[] = {
    {"dyn", 3},    {"dynamic", 3}, {"dynip", 3},      {"dynamicip", 3}, {"dhcp", 3},      {"pool", 3},
    {"pools", 3},  {"dip", 3},     {"ppp", 3},        {"pppoe", 3},     {"dial", 3},      {"dialup", 3},
    {"dialin", 3}, {"dsl", 3},     {"adsl", 3},       {"sdsl", 3},      {"vdsl", 3},      {"xdsl", 3},
    {"isdn", 3},   {"ftth", 3},    {"fttx", 3},       {"fiber", 3},     {"broadband", 3}, {"broad", 3},
    {"cable", 3},  {"catv", 3},    {"cablemodem", 3}, {"cmodem", 3},    {"cbl", 3},       {"cm", 3},
    {"modem", 3},  {"kabel", 3},   {"wireless", 3},   {"wimax", 3},     {"gprs", 3},      {"umts", 3},
    {"lte", 3},    {"mobile", 3},  {"nat", 3},        {"cust", 3},      {"customer", 3},  {"customers", 3},
    {"client", 3}, {"clients", 3}, {"subscriber", 3}, {"subs", 3},      {"abo", 3},       {"residential", 3},
    {"cpe", 5},    {"user", 5},    {"users", 5},      {"host", 5},      {"ip", 5},        {"static", 5},
    {"home", 5},   {"node", 5},    {"addr", 5},       {"pc", 5},        {"bb", 5},
};

const DynamicWord* FindDynamicWord(std::string_view word) {
  const auto* found = std::find_if(std::begin(kDynamicWords), std::end(kDynamicWords),
                                   [&](const DynamicWord& row) { return row.word == word; });
  return found == std::end(kDynamicWords) ? nullptr : found;
}

std::size_t DigitsIn(const Parts& parts) {
  std::size_t digits = 0;
  for (const std::string& part : parts) digits += part.size();
  return digits;
}

// --- octets one after another ---

// A place in a name where octets are written.
struct Place {
  std::size_t begin;
  std::size_t end;
  std::size_t separators;
  std::size_t digits;  // leading zeros included
};

// Goes on from place.end with octets[index]; nullopt if the name goes on otherwise, or with more digits.
std::optional<Place> Continue(std::string_view name, Place place, const Parts& octets, std::size_t index) {
  if (index == octets.size()) {
    return place.end < name.size() && IsDigit(name[place.end]) ? std::nullopt : std::optional(place);
  }
  if (index > 0 && place.end < name.size() && IsSeparator(name[place.end])) {
    ++place.end;
    ++place.separators;
  }
  const std::string& octet = octets[index];
  for (const std::string& written : {octet, std::string(3 - octet.size(), '0') + octet}) {
    if (name.substr(place.end, written.size()) != written) continue;
    const Place next{place.begin, place.end + written.size(), place.separators, place.digits + written.size()};
    if (auto found = Continue(name, next, octets, index + 1)) return found;
  }
  return std::nullopt;
}

// All places where `octets` are written in this order.
std::vector<Place> PlacesOf(const Runs& numbers, const Parts& octets) {
  std::vector<Place> places;
  for (const Run& run : numbers.all()) {
    if (const auto place = Continue(numbers.name(), {run.begin, run.begin, 0, 0}, octets, 0)) places.push_back(*place);
  }
  return places;
}

bool NumberJoinedBefore(std::string_view name, std::size_t at) {
  return at >= 2 && IsSeparator(name[at - 1]) && IsDigit(name[at - 2]);
}
bool NumberJoinedBehind(std::string_view name, std::size_t at) {
  return at + 1 < name.size() && IsSeparator(name[at]) && IsDigit(name[at + 1]);
}

std::string_view WordBefore(std::string_view name, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && IsLetter(name[begin - 1])) --begin;
  return name.substr(begin, at - begin);
}

// No further number is joined to the place, and before it stands a separator or a word for addresses:
// "mx1-2-3-4" numbers a mail exchanger, "ip1-2-3-4" an address.
bool StandsAlone(std::string_view name, const Place& place) {
  if (NumberJoinedBefore(name, place.begin) || NumberJoinedBehind(name, place.end)) return false;
  const bool clean_start = place.begin == 0 || IsSeparator(name[place.begin - 1]) ||
                           FindDynamicWord(WordBefore(name, place.begin)) != nullptr;
  return clean_start && (place.end == name.size() || IsSeparator(name[place.end]));
}

// --- all four octets ---

bool HasAllOctets(const Runs& numbers, const Parts& octets) {
  const std::size_t digits = DigitsIn(octets);
  // Forward, reversed, and two orders of providers who put the host's own octets first: 77.203-0-113, 113-77.203-0.
  const std::array<Parts, 4> orders{octets, Reversed(octets), Parts{octets[3], octets[0], octets[1], octets[2]},
                                    Parts{octets[2], octets[3], octets[0], octets[1]}};
  for (std::size_t order = 0; order < orders.size(); ++order) {
    for (const Place& place : PlacesOf(numbers, orders[order])) {
      if (digits >= kEnoughDigits && (order < 2 || place.separators == 3)) return true;
      if (order < 2 && place.digits == kAllPadded) return true;
      if (order < 2 && place.separators == 3 && StandsAlone(numbers.name(), place)) return true;
    }
    for (std::size_t i = 0; digits >= kApartDigits && i < numbers.all().size(); ++i) {
      if (numbers.Are(i, orders[order], 3)) return true;
    }
  }
  return false;
}

// --- the last octets ---

bool HasLastThreeOctets(const Runs& numbers, const Parts& octets) {
  const Parts last{octets[1], octets[2], octets[3]};
  if (DigitsIn(last) < kEnoughDigits) return false;
  for (const Parts& order : {last, Reversed(last)}) {
    for (const Place& place : PlacesOf(numbers, order)) {
      const bool alone =
          !NumberJoinedBefore(numbers.name(), place.begin) && !NumberJoinedBehind(numbers.name(), place.end);
      if (alone && (place.separators == 2 || place.digits == kPaddedTriple)) return true;
    }
  }
  return false;
}

std::size_t StartOfLabel(std::string_view name, std::size_t at) { return at == 0 ? 0 : name.rfind('.', at - 1) + 1; }
std::size_t EndOfLabel(std::string_view name, std::size_t at) { return std::min(name.find('.', at), name.size()); }

// A dynamic word in the label of the place, or in the one before or behind it.
bool HasDynamicWordBeside(std::string_view name, const Place& place, std::size_t digits) {
  std::size_t begin = StartOfLabel(name, place.begin);
  if (begin > 0) begin = StartOfLabel(name, begin - 1);
  std::size_t end = EndOfLabel(name, place.end);
  if (end < name.size()) end = EndOfLabel(name, end + 1);
  const Runs words(name.substr(begin, end - begin), IsLetter);
  return std::any_of(words.all().begin(), words.all().end(), [&](const Run& run) {
    const DynamicWord* word = FindDynamicWord(run.text);
    return word != nullptr && digits >= word->digits;
  });
}

// A number that joins the pair as its two numbers join each other must be the octet beside it: "10-113-77" speaks of
// another host than "0-113-77" does. One with a letter before it ("b1-113-77") is no octet.
bool NeighboursAgree(std::string_view name, const Place& pair, const std::string& second_octet) {
  const char separator = name[name.find_first_not_of("0123456789", pair.begin)];
  if (NumberJoinedBefore(name, pair.begin) && name[pair.begin - 1] == separator) {
    std::size_t start = pair.begin - 1;
    while (start > 0 && IsDigit(name[start - 1])) --start;
    const bool lettered = start > 0 && IsLetter(name[start - 1]);
    if (!lettered && name.substr(start, pair.begin - 1 - start) != second_octet) return false;
  }
  if (NumberJoinedBehind(name, pair.end) && name[pair.end] == separator) {
    const std::size_t stop = std::min(name.find_first_not_of("0123456789", pair.end + 1), name.size());
    if (name.substr(pair.end + 1, stop - pair.end - 1) != second_octet) return false;
  }
  return true;
}

bool HasLastTwoOctets(const Runs& numbers, const Parts& octets) {
  const Parts last{octets[2], octets[3]};
  for (const Parts& order : {last, Reversed(last)}) {
    for (const Place& place : PlacesOf(numbers, order)) {
      const bool written =
          place.separators == 1 ? NeighboursAgree(numbers.name(), place, octets[1]) : place.digits == kPaddedPair;
      const std::size_t digits = place.digits == kPaddedPair ? kPaddedPair : DigitsIn(last);
      if (written && HasDynamicWordBeside(numbers.name(), place, digits)) return true;
    }
  }
  return false;
}

// --- other notations ---

// Eight hexadecimal digits, in either order of the octets, at most one letter glued to their front; or four pairs.
bool HasHexadecimal(std::string_view name, std::span<const std::uint8_t> octets, std::size_t decimal_digits) {
  const Runs runs(name, IsHexDigit);
  const auto written = [&](const std::string& hex) {
    const bool has_letter = std::any_of(hex.begin(), hex.end(), IsLetter);
    if (!has_letter && decimal_digits < kEnoughDigits) return false;  // 01020304 may be a date
    return (has_letter && runs.HasJoined(PiecesOf(hex, 2), 2)) ||
           std::any_of(runs.all().begin(), runs.all().end(), [&](const Run& run) {
             return run.text == hex ||
                    (run.text.size() == hex.size() + 1 && !IsDigit(run.text.front()) && run.text.substr(1) == hex);
           });
  };
  return written(HexOf(octets)) || written(HexOf(std::array{octets[3], octets[2], octets[1], octets[0]}));
}

bool HasDecimal(const Runs& numbers, std::span<const std::uint8_t> octets) {
  std::uint32_t value = 0;
  for (const std::uint8_t octet : octets) value = (value << 8U) | octet;
  const std::string decimal = std::to_string(value);
  return decimal.size() >= kDecimalDigits && numbers.Has({decimal});
}

}  // namespace

bool EmbedsIpv4(std::string_view name, std::span<const std::uint8_t> octets) {
  Parts parts;
  for (const std::uint8_t octet : octets) parts.push_back(std::to_string(octet));
  const Runs numbers(name, IsDigit);
  return HasAllOctets(numbers, parts) || HasLastThreeOctets(numbers, parts) || HasLastTwoOctets(numbers, parts) ||
         HasDecimal(numbers, octets) || HasHexadecimal(name, octets, DigitsIn(parts));
}

}  // namespace heloguard
