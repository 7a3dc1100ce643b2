// Enums that print themselves, and small sets of them.
//
// An enum takes part by specialising EnumNames with its words, in the order of its values, which
// count from 0 without gaps. The words are the ones of the policy language, so that parser, printer,
// documentation and validation read one table.
//
// Thread rule: values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace heloguard {

template <class E>
inline constexpr std::array<std::string_view, 0> EnumNames{};

// The word for `value`.
template <class E>
[[nodiscard]] constexpr std::string_view NameOf(E value) {
  return EnumNames<E>[static_cast<std::size_t>(value)];
}

// The value a word stands for; nullopt for any other text. Case matters.
template <class E>
[[nodiscard]] constexpr std::optional<E> FromName(std::string_view name) {
  for (std::size_t i = 0; i < EnumNames<E>.size(); ++i) {
    if (EnumNames<E>[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

// A set of at most kCapacity enum values, as bits: bit i is the value i.
template <class E>
class EnumSet {
 public:
  static constexpr std::size_t kCapacity = 32;
  static_assert(EnumNames<E>.size() <= kCapacity, "a value has a bit");

  constexpr EnumSet() = default;
  constexpr EnumSet(std::initializer_list<E> values) {
    for (E v : values) Add(v);
  }
  static constexpr EnumSet FromBits(std::uint32_t bits) {
    EnumSet s;
    s.bits_ = bits;
    return s;
  }

  constexpr void Add(E value) { bits_ |= Bit(value); }
  constexpr void Remove(E value) { bits_ &= ~Bit(value); }
  [[nodiscard]] constexpr bool Has(E value) const { return (bits_ & Bit(value)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }

  friend constexpr EnumSet operator|(EnumSet a, EnumSet b) { return FromBits(a.bits_ | b.bits_); }
  friend constexpr EnumSet operator&(EnumSet a, EnumSet b) { return FromBits(a.bits_ & b.bits_); }
  friend constexpr EnumSet operator-(EnumSet a, EnumSet b) { return FromBits(a.bits_ & ~b.bits_); }
  friend constexpr bool operator==(EnumSet, EnumSet) = default;

 private:
  static constexpr std::uint32_t Bit(E value) { return 1U << static_cast<unsigned>(value); }
  std::uint32_t bits_ = 0;
};

}  // namespace heloguard
