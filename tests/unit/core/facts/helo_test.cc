// ParseHelo as tables: kind and flaws of every sort of text.
#include "heloguard/facts/helo.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

using namespace std::string_literals;
using enum HeloKind;
using F = HeloFlaw;

struct Row {
  std::string text;
  HeloKind kind;
  EnumSet<HeloFlaw> flaws;
};

std::string WordsOf(EnumSet<HeloFlaw> flaws) {
  std::string words;
  for (std::size_t i = 0; i < EnumNames<HeloFlaw>.size(); ++i) {
    if (flaws.Has(static_cast<HeloFlaw>(i))) words += std::string(EnumNames<HeloFlaw>[i]) + " ";
  }
  return words;
}

void Check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const Helo helo = ParseHelo(row.text);
    EXPECT_EQ(NameOf(helo.kind), NameOf(row.kind)) << EscapeBytes(row.text);
    EXPECT_EQ(WordsOf(helo.flaws), WordsOf(row.flaws)) << EscapeBytes(row.text);
  }
}

std::string Repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(ParseHelo, Names) {
  Check({
      {"mail.example.com", kFqdn, {}},
      {"mail.example.com.", kFqdn, {}},
      {"MAIL.Example.COM", kFqdn, {}},
      {"mail-out.example.co.uk", kFqdn, {}},
      {"3com.com", kFqdn, {}},
      {"a--b.example.com", kFqdn, {}},
      {"ab--cd.example.com", kFqdn, {}},  // hyphens in third and fourth place, but no A-label
      {"friend", kSingleLabel, {}},
      {"friend.", kSingleLabel, {}},
      {"DESKTOP-UPCFNQM", kSingleLabel, {}},
      {"bb5b0be39583", kSingleLabel, {}},  // a container's id
      {"12345", kSingleLabel, {}},         // TLD flaws are for names with a dot
      {"com", kSingleLabel, {}},
      {"mail.partner.example", kFqdn, {}},
  });
}

TEST(ParseHelo, UnderscoresStay) {
  Check({
      {"mail_1.example.com", kFqdn, {F::kUnderscore}},
      {"_mail.example.com", kFqdn, {F::kUnderscore}},
      {"my_pc", kSingleLabel, {F::kUnderscore}},
      {"_", kSingleLabel, {F::kUnderscore}},
      {"my_pc.nosuch", kFqdn, {F::kUnderscore, F::kUnknownTld}},
  });
}

TEST(ParseHelo, TopLevelDomainsAndSuffixes) {
  Check({
      {"mail.example.1", kFqdn, {F::kNumericTld}},
      {"192.0.2", kFqdn, {F::kNumericTld}},
      {"192.0.2.256", kFqdn, {F::kNumericTld}},
      {"192.0.2.01", kFqdn, {F::kNumericTld}},
      {"192.0.2.1.1", kFqdn, {F::kNumericTld}},
      {"mail.nosuch", kFqdn, {F::kUnknownTld}},
      {"mail.c0m", kFqdn, {F::kUnknownTld}},
      {"co.uk", kFqdn, {F::kPublicSuffix}},
      {"anything.ck", kFqdn, {F::kPublicSuffix}},
      {"mail.example.er", kFqdn, {}},  // a TLD with wildcard rules only is known
      {"www.ck", kFqdn, {}},
      {"foo.github.io", kFqdn, {}},
      {"github.io", kFqdn, {}},  // a suffix of the private section
      // special-use and private names are not unknown as well
      {"pc.local", kFqdn, {}},
      {"localhost.localdomain", kFqdn, {}},
      {"exchange.corp", kFqdn, {}},
      {"router.home.arpa", kFqdn, {}},
      {"pc.lan", kFqdn, {}},
      {"vm.internal", kFqdn, {}},
      {"x.alt", kFqdn, {}},
  });
}

TEST(ParseHelo, ALabels) {
  Check({
      {"xn--mnchen-3ya.de", kFqdn, {}},
      {"XN--MNCHEN-3YA.DE", kFqdn, {}},
      {"mail.xn--p1ai", kFqdn, {}},
      {"mail.xn--80ak6aa92e.com", kFqdn, {}},
      {"xn--mnchen-3ya", kSingleLabel, {}},
      {"xn--.de", kMalformed, {F::kBadPunycode, F::kEdgeHyphen}},
      {"xn--zzzzzz.de", kFqdn, {F::kBadPunycode}},
      {"xn--99999999.de", kFqdn, {F::kBadPunycode}},  // overflows
      {"xn--a.de", kFqdn, {F::kBadPunycode}},         // decodes to a control code
      {"xn--ab-c.de", kFqdn, {F::kBadPunycode}},
      {"xn--i-7iq.ws", kFqdn, {F::kBadPunycode}},  // a symbol that IDNA2008 does not allow
      {"xn--abc_d.de", kFqdn, {F::kBadPunycode, F::kUnderscore}},
      {"mail.xn--zzzzzz", kFqdn, {F::kBadPunycode, F::kUnknownTld}},
      {"xn--foo-.de", kMalformed, {F::kBadPunycode, F::kEdgeHyphen}},
  });
}

TEST(ParseHelo, MalformedNames) {
  Check({
      {"", kMalformed, {F::kEmptyLabel}},
      {".", kMalformed, {F::kEmptyLabel}},
      {"..", kMalformed, {F::kEmptyLabel}},
      {".example.com", kMalformed, {F::kEmptyLabel}},
      {"a..example.com", kMalformed, {F::kEmptyLabel}},
      {"example.com..", kMalformed, {F::kEmptyLabel}},
      {"-a.example.com", kMalformed, {F::kEdgeHyphen}},
      {"a-.example.com", kMalformed, {F::kEdgeHyphen}},
      {"mail.example.-com", kMalformed, {F::kEdgeHyphen}},
      {"-", kMalformed, {F::kEdgeHyphen}},
      {"user@example.com", kMalformed, {F::kBadCharacter}},
      {"mail.example.com:25", kMalformed, {F::kBadCharacter}},
      {"http://example.com/", kMalformed, {F::kBadCharacter}},
      {"$host", kMalformed, {F::kBadCharacter}},
      {"a*b_c.com", kMalformed, {F::kBadCharacter, F::kUnderscore}},
      {"back\\slash.com", kMalformed, {F::kBadCharacter}},
      {"<mail>", kMalformed, {F::kBadCharacter}},
      {"x[1]y.com", kMalformed, {F::kBadCharacter}},
      {"m\xc3\xbcller-pc", kMalformed, {F::kNonAscii}},
      {"\xff\xfe", kMalformed, {F::kNonAscii}},
      {"a\x01"
       "b.com",
       kMalformed,
       {F::kControlCharacter}},
      {"a\0b.com"s, kMalformed, {F::kControlCharacter}},
      {"mail.example.com\0"s, kMalformed, {F::kControlCharacter}},
      {"\0"s, kMalformed, {F::kControlCharacter}},
      {"mail.example.com\r\n", kMalformed, {F::kControlCharacter}},
      {"mail.example.com\x7f", kMalformed, {F::kControlCharacter}},
      {"-\xff\x01!_..",
       kMalformed,
       {F::kEdgeHyphen, F::kNonAscii, F::kControlCharacter, F::kBadCharacter, F::kUnderscore, F::kEmptyLabel}},
      // of a malformed name nobody can say where it belongs
      {"-a.nosuch", kMalformed, {F::kEdgeHyphen}},
      {"a!b.1", kMalformed, {F::kBadCharacter}},
  });
}

TEST(ParseHelo, Lengths) {
  const std::string label63(63, 'a');
  const std::string name253 = label63 + "." + label63 + "." + label63 + "." + std::string(57, 'b') + ".com";
  ASSERT_EQ(name253.size(), 253U);
  Check({
      {label63 + ".com", kFqdn, {}},
      {label63 + "a.com", kMalformed, {F::kLabelTooLong}},
      {name253, kFqdn, {}},
      {name253 + ".", kFqdn, {}},
      {"a" + name253.substr(1) + "m", kMalformed, {F::kNameTooLong}},
      {Repeat("a.", 127) + "com", kMalformed, {F::kNameTooLong}},
      {std::string(kMaxHeloBytes, 'a'), kMalformed, {F::kLabelTooLong, F::kNameTooLong}},
      {std::string(60'000, 'a'), kMalformed, {F::kLabelTooLong, F::kNameTooLong}},
      // a text that is cut is too long, whatever the part before the cut is
      {"mail.example.com" + std::string(1000, ' '), kMalformed, {F::kNameTooLong}},
      {"[192.0.2.1]" + std::string(1000, ' ') + "x", kMalformed, {F::kNameTooLong}},
      {"[tag:" + std::string(249, 'x') + "]", kOtherLiteral, {}},
      {"[tag:" + std::string(250, 'x') + "]", kMalformed, {F::kNameTooLong}},
  });
  EXPECT_EQ(ParseHelo(std::string(60'000, 'a')).text.size(), kMaxHeloBytes);
}

TEST(ParseHelo, BareAddresses) {
  Check({
      {"192.0.2.1", kBareIpv4, {}},
      {"192.0.2.1.", kBareIpv4, {}},
      {"127.0.0.1", kBareIpv4, {}},
      {"2001:db8::1", kBareIpv6, {}},
      {"2001:DB8::1", kBareIpv6, {}},
      {"::1", kBareIpv6, {}},
      {"::ffff:192.0.2.1", kBareIpv6, {}},
      // meant as addresses
      {"IPv6:2001:db8::1", kMalformed, {F::kBadLiteral}},
      {"ipv6:what", kMalformed, {F::kBadLiteral}},
      {"fe80::1%eth0", kMalformed, {F::kBadLiteral}},
      // not even that
      {"2001:db8:::1", kMalformed, {F::kBadCharacter}},
      {"192.0.2.1:25", kMalformed, {F::kBadCharacter}},
      {"192.0.2.1%eth0", kMalformed, {F::kBadCharacter}},
      {"192.0.2.1/24", kMalformed, {F::kBadCharacter}},
      {"192.0.2.-1", kMalformed, {F::kEdgeHyphen}},
  });
}

TEST(ParseHelo, Literals) {
  Check({
      {"[192.0.2.1]", kIpv4Literal, {}},
      {"[0.0.0.0]", kIpv4Literal, {}},
      {"[IPv6:2001:db8::1]", kIpv6Literal, {}},
      {"[ipv6:2001:DB8::1]", kIpv6Literal, {}},
      {"[IPV6:2001:db8::1]", kIpv6Literal, {}},
      {"[IPv6:::1]", kIpv6Literal, {}},
      {"[IPv6:::ffff:192.0.2.1]", kIpv6Literal, {}},
      {"[IPv6:::FFFF:C000:201]", kIpv6Literal, {}},
      {"[IPv6:1:2:3:4:5:6:7:8]", kIpv6Literal, {}},
      {"[IPv6:1:2:3:4:5::8]", kIpv6Literal, {}},
      {"[IPv6:1:2:3::192.0.2.1]", kIpv6Literal, {}},
      {"[192.0.2.1].", kIpv4Literal, {}},
      {"[x400:c=de]", kOtherLiteral, {}},
      {"[my-tag:anything!]", kOtherLiteral, {}},
      {"[IPv4:192.0.2.1]", kOtherLiteral, {}},  // not in RFC 5321, so a tag like any other
      {"[x:y]", kOtherLiteral, {}},
  });
}

TEST(ParseHelo, BadLiterals) {
  const std::string rows[] = {
      "[]",
      "[",
      "]",
      "[.]",
      "[192.0.2.256]",
      "[192.0.2.01]",
      "[192.000.002.001]",
      "[192.0.2]",
      "[192.0.2.1.1]",
      "[127.1]",
      "[3221225985]",
      "[0xc0000201]",
      "[192.0.2.1",
      "192.0.2.1]",
      "[[192.0.2.1]]",
      "[192.0.2.1]]",
      "[192.0.2.1]:25",
      "[192.0.2.1]foo",
      "foo[192.0.2.1]",
      "[192.0.2.1:25]",
      "[192.0.2.1/24]",
      "[2001:db8::1]",
      "[2001:db8:::1]",
      "[::1]",
      "[::ffff:192.0.2.1]",
      "[fe80::1%eth0]",
      "[IPv6:fe80::1%eth0]",
      "[IPv6:]",
      "[IPv6:192.0.2.1]",
      "[IPv6:2001:db8]",
      "[IPv6:1:2:3:4:5:6::8]",  // "::" for one group
      "[IPv6:1:2:3:4:5::192.0.2.1]",
      "[IPv6:2001:db8:::1]",
      "[IPv6:[::1]]",
      "[IPv6::1]",
      "[IPv6]",
      "[IPv6:localhost]",
      "[IPv6:2001:db8::1",
      "IPv6:::1]",
      "[localhost]",
      "[mail.example.com]",
      "[tag:]",
      "[:text]",
      "[-:x]",
      "[tag-:x]",
      "[t_g:x]",
      "[tag:a\\b]",
      "[192.0.2.1.]",
      "[IPv6:2001:db8::1.]",
  };
  for (const std::string& row : rows) Check({{row, kMalformed, {F::kBadLiteral}}});
  Check({
      {"[192.0.2.\0001]"s, kMalformed, {F::kBadLiteral, F::kControlCharacter}},
      {"[tag:\xff]", kMalformed, {F::kBadLiteral, F::kNonAscii}},
      {"[ 192.0.2.1 ]", kMalformed, {F::kBadLiteral, F::kSeveralWords}},
  });
}

TEST(ParseHelo, SeveralWords) {
  Check({
      {"mail example", kMalformed, {F::kSeveralWords}},
      {"mail.example.com foo", kMalformed, {F::kSeveralWords}},
      {"mail.example.com. foo.", kMalformed, {F::kSeveralWords}},
      {"[192.0.2.1] foo", kMalformed, {F::kSeveralWords}},
      {"192.0.2.1 foo", kMalformed, {F::kSeveralWords}},
      {"mail\tfoo", kMalformed, {F::kSeveralWords, F::kControlCharacter}},
      {"mail foo\xff", kMalformed, {F::kSeveralWords, F::kNonAscii}},
      {"my_pc is (here)", kMalformed, {F::kSeveralWords, F::kUnderscore}},
      {"mail .", kMalformed, {F::kSeveralWords}},
      // blanks around the name are no words
      {"mail.example.com ", kFqdn, {}},
      {"  mail.example.com\t", kFqdn, {}},
      {" [192.0.2.1] ", kIpv4Literal, {}},
      {"   ", kMalformed, {F::kEmptyLabel}},
  });
}

// What other programs get wrong, each as the pair of texts that shows it.
TEST(ParseHelo, MistakesOfOthers) {
  // Brackets taken off before judging: a legal literal then looks like a bare address or a name without dots.
  EXPECT_EQ(ParseHelo("[192.0.2.1]").kind, kIpv4Literal);
  EXPECT_EQ(ParseHelo("192.0.2.1").kind, kBareIpv4);
  EXPECT_EQ(ParseHelo("[IPv6:2001:db8::1]").kind, kIpv6Literal);
  EXPECT_EQ(ParseHelo("2001:db8::1").kind, kBareIpv6);
  // Unescaped dots in patterns for address ranges: 100x64 is no address in 100.64.0.0/10.
  EXPECT_EQ(ParseHelo("100x64.0.1").kind, kFqdn);
  // The literal compared over the length of the client's address only: [192.0.2.10] taken for 192.0.2.1.
  EXPECT_EQ(ParseHelo("[192.0.2.10]").address, IpAddress::Parse("192.0.2.10"));
  // The tag not skipped: the form RFC 5321 prescribes never matches.
  EXPECT_EQ(ParseHelo("[IPv6:2001:db8::1]").address, IpAddress::Parse("2001:db8::1"));
  // The whole text required to be an address before brackets are looked for: no literal is ever compared, and a bare
  // address loses its first and last character.
  EXPECT_EQ(ParseHelo("[192.0.2.1]").address, IpAddress::Parse("192.0.2.1"));
  EXPECT_EQ(ParseHelo("192.0.2.1").address, IpAddress::Parse("192.0.2.1"));
  // The name compared as typed: with a trailing dot it is not equal to its own PTR name.
  EXPECT_EQ(ParseHelo("mail.example.com.").domain, DomainName::FromText("mail.example.com"));
  EXPECT_EQ(ParseHelo("mail.example.com.").name, "mail.example.com");
}

TEST(ParseHelo, KeepsTextNameAddressAndDomain) {
  const Helo fqdn = ParseHelo(" Mail_1.Example.COM. ");
  EXPECT_EQ(fqdn.text, " Mail_1.Example.COM. ");
  EXPECT_EQ(fqdn.name, "mail_1.example.com");
  EXPECT_EQ(fqdn.domain, DomainName::FromText("mail_1.example.com"));
  EXPECT_FALSE(fqdn.address);

  const Helo mapped = ParseHelo("[IPv6:::FFFF:192.0.2.1]");
  EXPECT_EQ(mapped.name, "[ipv6:::ffff:192.0.2.1]");
  EXPECT_TRUE(mapped.address && mapped.address->is_v6());  // as written
  EXPECT_FALSE(mapped.domain);

  for (const char* text : {"a..b.com", "[192.0.2.1", "192.0.2.1 foo", "[IPv6:::1] x", "[tag:x]"}) {
    EXPECT_FALSE(ParseHelo(text).domain) << text;
    EXPECT_FALSE(ParseHelo(text).address) << text;
  }
  EXPECT_EQ(ParseHelo("example.com..").name, "example.com..");  // only a dot that stands alone is taken off
  EXPECT_EQ(ParseHelo("mail example.com.").name, "mail example.com.");
  EXPECT_EQ(ParseHelo("a\0B"s).name, "a\0b"s);
}

}  // namespace
}  // namespace heloguard
