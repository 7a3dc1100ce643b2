// What holds for ParseHelo and EmbedsAddress whatever the bytes: random texts with fixed seeds, half of them made of
// the characters that names and addresses are made of. The fuzz target asks the same of bytes that a fuzzer chooses.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "heloguard/base/escape.h"
#include "heloguard/facts/helo.h"

namespace heloguard {
namespace {

constexpr EnumSet<HeloFlaw> kMildFlaws{HeloFlaw::kUnderscore, HeloFlaw::kNumericTld, HeloFlaw::kUnknownTld,
                                       HeloFlaw::kPublicSuffix, HeloFlaw::kBadPunycode};
constexpr std::string_view kLikely = "..--__::[[]]%0123456789abcdefxyzIPVn ";

class RandomTexts {
 public:
  explicit RandomTexts(unsigned seed) : engine_(seed) {}
  std::string Next() {
    std::string text(engine_() % 40, '\0');
    const bool likely = engine_() % 2 == 0;
    for (char& c : text) c = likely ? kLikely[engine_() % kLikely.size()] : static_cast<char>(engine_() % 256);
    if (engine_() % 4 == 0) text = kStarts[engine_() % std::size(kStarts)] + text;
    if (engine_() % 50 == 0) text.resize(text.size() + engine_() % 600, 'a');
    return text;
  }
  std::uint32_t Number() { return static_cast<std::uint32_t>(engine_()); }

 private:
  static constexpr const char* kStarts[] = {"[IPv6:", "[", "xn--", "192.0.2.1", "2001:db8::", "mail.example."};
  std::mt19937 engine_;
};

TEST(ParseHeloProperty, KindFollowsFromFlaws) {
  RandomTexts texts(1);
  int well_formed = 0;
  for (int i = 0; i < 11'000; ++i) {
    const std::string text = texts.Next();
    const Helo helo = ParseHelo(text);
    ASSERT_NE(helo.kind, HeloKind::kMissing);
    ASSERT_EQ(helo.kind == HeloKind::kMalformed, !(helo.flaws - kMildFlaws).empty()) << EscapeBytes(text);
    ASSERT_LE(helo.text.size(), kMaxHeloBytes);
    ASSERT_LE(helo.name.size(), helo.text.size());
    const bool is_name = helo.kind == HeloKind::kFqdn || helo.kind == HeloKind::kSingleLabel;
    ASSERT_EQ(helo.domain.has_value(), is_name) << EscapeBytes(text);
    if (is_name) {
      ASSERT_EQ(helo.domain->labels().size() > 1, helo.kind == HeloKind::kFqdn);
    }
    const bool is_address = helo.kind == HeloKind::kBareIpv4 || helo.kind == HeloKind::kBareIpv6 ||
                            helo.kind == HeloKind::kIpv4Literal || helo.kind == HeloKind::kIpv6Literal;
    ASSERT_EQ(helo.address.has_value(), is_address) << EscapeBytes(text);
    if (is_address || helo.kind == HeloKind::kOtherLiteral) {
      ASSERT_TRUE(helo.flaws.empty());
    }
    well_formed += helo.kind == HeloKind::kMalformed ? 0 : 1;
  }
  EXPECT_GT(well_formed, 300);  // the generator reaches both sides
}

TEST(ParseHeloProperty, ANameParsesToItself) {
  RandomTexts texts(2);
  for (int i = 0; i < 11'000; ++i) {
    const std::string text = texts.Next();
    if (text.size() > kMaxHeloBytes) continue;
    const Helo once = ParseHelo(text);
    const Helo twice = ParseHelo(once.name);
    ASSERT_EQ(twice.kind, once.kind) << EscapeBytes(text);
    ASSERT_EQ(twice.flaws, once.flaws) << EscapeBytes(text);
    ASSERT_EQ(twice.name, once.name) << EscapeBytes(text);
    if (once.domain) {  // a clean name prints as itself
      ASSERT_EQ(once.domain->ToText(), once.name);
    }
  }
}

TEST(EmbedsAddressProperty, RandomTextsEmbedNoRandomAddress) {
  RandomTexts texts(3);
  for (int i = 0; i < 8'000; ++i) {
    const std::uint32_t n = texts.Number();
    const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(n >> shift); };
    const IpAddress address = IpAddress::V4({octet(24), octet(16), octet(8), octet(0)});
    const std::string name = ParseHelo(texts.Next()).name;
    ASSERT_FALSE(EmbedsAddress(name, address)) << EscapeBytes(name) << " " << address.ToString();
  }
}

TEST(EmbedsAddressProperty, EveryAddressIsFoundInItsUsualSpellings) {
  RandomTexts texts(4);
  for (int i = 0; i < 1'000; ++i) {
    const std::uint32_t n = texts.Number() | 0x0a000000U;
    const std::string o[] = {std::to_string(n >> 24U), std::to_string((n >> 16U) & 255U),
                             std::to_string((n >> 8U) & 255U), std::to_string(n & 255U)};
    const IpAddress address = *IpAddress::Parse(o[0] + "." + o[1] + "." + o[2] + "." + o[3]);
    for (const char* separator : {"-", ".", "_"}) {
      const std::string s = separator;
      ASSERT_TRUE(EmbedsAddress("host-" + o[0] + s + o[1] + s + o[2] + s + o[3] + ".example.net", address));
      ASSERT_TRUE(EmbedsAddress(o[3] + s + o[2] + s + o[1] + s + o[0] + ".dsl.example.net", address));
    }
    ASSERT_TRUE(EmbedsAddress("h" + std::to_string(n) + ".example.net", address)) << address.ToString();
  }
}

}  // namespace
}  // namespace heloguard
