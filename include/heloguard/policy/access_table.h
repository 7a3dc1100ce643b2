// Access tables as Postfix has them (pcre_table(5), regexp_table(5), cidr_table(5), access(5)), read as they are.
//
// A table is a sequence of lines. The first one that matches gives the result; `if` guards the lines up to its `endif`;
// `!` turns a match round. What a result comes to here:
//
//   OK, PERMIT, RELAY, digits alone            kOk
//   REJECT [text], 5NN text                    kReject
//   DEFER [text], DEFER_IF_PERMIT [text], 4NN text     kDefer
//   DUNNO, no line                             kDunno
//   all else is Postfix's own business (WARN, HOLD, FILTER, DEFER_IF_REJECT, names of restrictions ...)     kDunno
//
// A list that holds a table is used in a condition like any other, and the condition says which results it holds for
// (Condition::results). The loader sets that by what the rule does with it: a condition that pulls towards a refusal, a
// charge or a note asks for kReject and kDefer; one that pulls the other way asks for kOk. `when` of a rule that
// refuses, charges (score > 0) or notes pulls towards it, `when` of one that accepts or credits pulls away; `unless`
// is the reverse of its rule. So a table never accepts by what it refuses, nor refuses by what it permits.
//
// In a rule that rejects, a line that only defers must not reject. The loader therefore makes two rules of one where a
// table in it can defer: the first holds for kReject; the second, marked `second_half`, for kDefer as well, with action
// tempfail. They have one name, which is the postmaster's, and the second is passed over where the first holds. The
// evaluation itself knows nothing of this: its three-valued reasoning about rules covers tables too.
//
// What is looked up is what Postfix would look up: octets outside printable ASCII (UTF-8 sequences stay) and the
// characters blank < > ( ) \ " ; @ read "?". Names are in lower case and without a trailing dot here. So there is no
// line end in a key, and "$", "\Z" and the flags m, s and E, which differ by line ends only, mean the same.
//
// Thread rule: a compiled table is immutable and safe for concurrent use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/enum_set.h"
#include "heloguard/base/ip_address.h"
#include "heloguard/base/result.h"
#include "heloguard/policy/pattern.h"
#include "heloguard/policy/smtp_reply.h"

namespace heloguard {

enum class TableKind : std::uint8_t { kPcre, kRegexp, kCidr };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<TableKind>{"pcre", "regexp", "cidr"};

enum class AccessClass : std::uint8_t { kDunno, kOk, kReject, kDefer };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<AccessClass>{"DUNNO", "OK", "REJECT", "DEFER"};
using AccessClasses = EnumSet<AccessClass>;
inline constexpr AccessClasses kRefusals{AccessClass::kReject, AccessClass::kDefer};

// A piece of a result's text: words, or what the group of that number took.
struct AccessPiece {
  std::string words;   // printable ASCII
  unsigned group = 0;  // 0: the words
};

struct AccessResult {
  AccessClass what = AccessClass::kDunno;
  int code = 0;                   // 400 to 599; 0: not said
  std::string enhanced;           // RFC 3463, of whatever class; "": not said
  std::vector<AccessPiece> text;  // empty: none
};

// What a line tries the key against.
struct AccessMatcher {
  Pattern written;      // as it stands in the table, with delimiters, flags and "!": what people are shown
  bool negated = false;
  std::string pattern;  // names: in RE2's syntax, for the options of PatternSet
  IpNetwork network;    // addresses; an address of the other family never matches, negated or not
  bool v6 = false;      // the family as written: a mapped network is no IPv4 network to Postfix
};

struct AccessLine {
  AccessMatcher matcher;
  bool is_if = false;
  std::size_t end = 0;          // is_if: the place of the first line behind its block
  AccessResult result;          // otherwise
  std::uint32_t last_line = 0;  // the line of the file on which it ends
};

class AccessTable {
 public:
  struct Hit {
    const AccessLine* line = nullptr;  // null: no line matched
    bool fell_back = false;            // as PatternSet::Hit
    [[nodiscard]] AccessClass what() const { return line == nullptr ? AccessClass::kDunno : line->result.what; }
  };

  ~AccessTable();
  AccessTable(const AccessTable&) = delete;
  AccessTable& operator=(const AccessTable&) = delete;
  AccessTable(AccessTable&&) noexcept;
  AccessTable& operator=(AccessTable&&) noexcept;

  // Null if a pattern does not compile or a text names a group that its pattern does not have; reported at their lines.
  // REQUIRES: the `end` of every `if` lies behind it, and blocks nest.
  [[nodiscard]] static std::shared_ptr<const AccessTable> Compile(TableKind kind, std::vector<AccessLine> lines,
                                                                  Diagnostics* errors,
                                                                  const SetEngineFactory& factory = Re2EngineFactory());

  // A name asks a table of patterns, an address one of networks; the other finds nothing. Nothing matches "".
  [[nodiscard]] Hit Find(std::string_view name) const;
  [[nodiscard]] Hit Find(const IpAddress& address) const;

  // `fallback` with the code, enhanced code and text that the line brings. A code of the other class (5NN where the
  // rule defers) stays away, an enhanced code gets the reply's class. What the client put in is escaped and capped, and
  // the line is cut to kMaxReplyOctets. `name`: the key that found the line.
  [[nodiscard]] SmtpReply ReplyOf(const AccessLine& line, std::string_view name, const SmtpReply& fallback) const;

  [[nodiscard]] TableKind kind() const;
  [[nodiscard]] const std::vector<AccessLine>& lines() const;
  // True if some line gives one of them.
  [[nodiscard]] bool Gives(AccessClasses classes) const;

 private:
  struct Impl;
  explicit AccessTable(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The key Postfix would look up for what a client said.
[[nodiscard]] std::string AccessKey(std::string_view name);

}  // namespace heloguard
