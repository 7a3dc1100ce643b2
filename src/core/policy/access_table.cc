// Looks keys up in Postfix access tables (access_table.h): which line wins, and what it has the client read.
//
// All patterns of a table are matched in one pass; a walk over the lines then finds the first that wins. Only that
// line's groups are asked for, and only if its text names one. What a group took is hostile bytes and is escaped. Knows
// neither the syntax of tables nor files nor RE2. Pure. Tests: tests/unit/tables/postfix_table_test.cc,
// tests/unit/core/policy/access_table_test.cc, tests/fuzz/fuzz_postfix_table.cc.
#include "heloguard/policy/access_table.h"

#include <algorithm>
#include <map>
#include <utility>

#include "heloguard/base/escape.h"
#include "heloguard/policy/smtp_reply.h"

namespace heloguard {
namespace {

// What Postfix replaces in a HELO name before anything looks at it, beside what does not print.
constexpr std::string_view kNeutered = " <>()\\\";@";

constexpr std::size_t kFrame = std::string_view("550  \r\n").size();  // of a reply, without enhanced code and text

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
bool IsLead(char c) { return static_cast<unsigned char>(c) >= 0xC2U && static_cast<unsigned char>(c) <= 0xFEU; }

char Neutered(char c) {
  const bool stays = c > ' ' && c <= '~' && kNeutered.find(c) == std::string_view::npos;
  return stays ? c : '?';
}

unsigned MostGroup(const AccessResult& result) {
  unsigned most = 0;
  for (const AccessPiece& piece : result.text) most = std::max(most, piece.group);
  return most;
}

std::string TextOf(const AccessResult& result, const std::vector<std::string>& groups, std::size_t cap) {
  std::string text;
  for (const AccessPiece& piece : result.text) {
    text += piece.words;
    if (piece.group > 0 && piece.group < groups.size()) text += EscapeBytes(groups[piece.group], cap);
  }
  return text;
}

}  // namespace

std::string AccessKey(std::string_view name) {
  std::string key;
  for (std::size_t i = 0; i < name.size(); ++i) {
    std::size_t end = i + 1;
    if (IsLead(name[i])) {
      while (end < name.size() && IsContinuation(name[end])) ++end;
    }
    if (end > i + 1) {
      key += name.substr(i, end - i);
      i = end - 1;
    } else {
      key += Neutered(name[i]);
    }
  }
  return key;
}

struct AccessTable::Impl {
  TableKind kind = TableKind::kPcre;
  std::vector<AccessLine> lines;
  std::optional<PatternSet> patterns;                 // one a line, same index; none in a table of networks
  std::map<const AccessLine*, PatternGroups> groups;  // of the lines whose text names one

  // The first line that wins; `matches` says whether the matcher of the line at an index fits, negation included.
  template <class Matches>
  [[nodiscard]] const AccessLine* Walk(const Matches& matches) const {
    for (std::size_t i = 0; i < lines.size();) {
      const bool holds = matches(i);
      if (holds && !lines[i].is_if) return &lines[i];
      i = lines[i].is_if && !holds ? lines[i].end : i + 1;
    }
    return nullptr;
  }

  bool CompilePatterns(Diagnostics* errors, const SetEngineFactory& factory) {
    std::vector<Pattern> texts;
    texts.reserve(lines.size());
    for (const AccessLine& line : lines) texts.push_back({line.matcher.pattern, line.matcher.written.where});
    patterns = PatternSet::Compile(std::move(texts), errors, factory);
    if (!patterns) return false;
    bool fine = true;
    for (const AccessLine& line : lines) fine = CompileGroups(line, errors) && fine;
    return fine;
  }

  bool CompileGroups(const AccessLine& line, Diagnostics* errors) {
    const unsigned most = MostGroup(line.result);
    if (most == 0) return true;
    // POSIX wants the longest of the leftmost matches, Perl the first.
    auto made = PatternGroups::Compile({line.matcher.pattern, line.matcher.written.where}, kind == TableKind::kRegexp);
    const bool fits = made && made->count() >= most;
    if (fits) groups.emplace(&line, std::move(*made));
    if (!fits) {
      errors->push_back(
          {Severity::kError,
           {ErrorKind::kConfig, "the text names $" + std::to_string(most) + ", but the pattern has fewer groups",
            line.matcher.written.where},
           ""});
    }
    return fits;
  }
};

AccessTable::AccessTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AccessTable::~AccessTable() = default;
AccessTable::AccessTable(AccessTable&&) noexcept = default;
AccessTable& AccessTable::operator=(AccessTable&&) noexcept = default;

std::shared_ptr<const AccessTable> AccessTable::Compile(TableKind kind, std::vector<AccessLine> lines,
                                                        Diagnostics* errors, const SetEngineFactory& factory) {
  auto impl = std::make_unique<Impl>();
  impl->kind = kind;
  impl->lines = std::move(lines);
  if (kind != TableKind::kCidr && !impl->CompilePatterns(errors, factory)) return nullptr;
  return std::make_shared<const AccessTable>(AccessTable(std::move(impl)));
}

AccessTable::Hit AccessTable::Find(std::string_view name) const {
  Hit hit;
  if (name.empty() || !impl_->patterns) return hit;
  const std::vector<bool> matched = impl_->patterns->MatchAll(AccessKey(name), &hit.fell_back);
  hit.line = impl_->Walk([&](std::size_t i) { return matched[i] != impl_->lines[i].matcher.negated; });
  return hit;
}

AccessTable::Hit AccessTable::Find(const IpAddress& address) const {
  Hit hit;
  if (impl_->kind != TableKind::kCidr) return hit;
  const IpAddress plain = address.Unmapped();
  hit.line = impl_->Walk([&](std::size_t i) {
    const AccessMatcher& matcher = impl_->lines[i].matcher;
    return plain.is_v6() == matcher.v6 && matcher.network.Contains(plain) != matcher.negated;
  });
  return hit;
}

SmtpReply AccessTable::ReplyOf(const AccessLine& line, std::string_view name, const SmtpReply& fallback) const {
  const AccessResult& result = line.result;
  const bool same_class = result.code != 0 && (result.code >= 500) == fallback.permanent();
  const int code = same_class ? result.code : fallback.code();
  std::string enhanced = result.enhanced.empty() ? fallback.enhanced() : result.enhanced;
  if (!enhanced.empty()) enhanced[0] = fallback.permanent() ? '5' : '4';
  std::string text = fallback.text();
  if (!result.text.empty()) {
    const auto it = impl_->groups.find(&line);
    const auto groups = it == impl_->groups.end() ? std::vector<std::string>{} : it->second.Match(AccessKey(name));
    // A name has 255 octets at most; only where several long ones meet are they cut further, before the words are.
    const std::size_t limit = SmtpReply::kMaxReplyOctets - enhanced.size() - kFrame;
    for (const std::size_t cap : {256U, 128U, 64U, 32U}) {
      text = TextOf(result, groups, cap);
      if (text.size() <= limit) break;
    }
  }
  auto reply = SmtpReply::Make(code, enhanced, text);
  return reply.ok() ? std::move(reply).value() : fallback;
}

TableKind AccessTable::kind() const { return impl_->kind; }

const std::vector<AccessLine>& AccessTable::lines() const { return impl_->lines; }

bool AccessTable::Gives(AccessClasses classes) const {
  return std::ranges::any_of(impl_->lines,
                             [&](const AccessLine& line) { return !line.is_if && classes.Has(line.result.what); });
}

}  // namespace heloguard
