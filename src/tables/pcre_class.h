// The parts of a Perl-compatible regular expression that stand for octets: escapes, and classes in brackets.
#pragma once

#include <cstddef>
#include <optional>

#include "tables/regex_writer.h"

namespace heloguard {

// The class of \d, \S and the like; nullopt for a letter that is none.
[[nodiscard]] std::optional<OctetSet> PcreEscapedClass(char letter);

// The octet of an escape, the cursor behind the backslash at `begin`; moves behind it. nullopt, and an error, for an
// escape that stands for none.
[[nodiscard]] std::optional<std::size_t> ReadPcreOctet(RegexCursor* cursor, std::size_t begin);

// RE2 text for the class that begins at the cursor's "["; moves behind it. "" with an error.
[[nodiscard]] std::string ReadPcreClass(RegexCursor* cursor, bool fold);

}  // namespace heloguard
