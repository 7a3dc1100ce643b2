// A .cases file, line by line: splits, finds what kind a line is, reads the short kinds. Pure; never stops at the
// first error. Tests: tests/unit/adapters/cases/cases_reader_test.cc.
#include "adapters/cases/cases_reader.h"

#include <algorithm>
#include <charconv>

#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

void ReadPolicyLine(CaseLine* line, CasesFile* file) {
  const std::string* name = line->Need("a policy file");
  if (name == nullptr) return;
  if (!file->policy.empty())
    return line->Fail("the policy is named on line " + std::to_string(file->policy_where.line));
  if (name->empty()) return line->Fail("a policy file is missing");
  file->policy = *name;
  file->policy_where = line->here();
}

void ReadOwnLine(CaseLine* line, CasesFile* file) {
  const std::string* text = line->Need("a name or an address of our own");
  if (text == nullptr) return;
  if (const auto address = IpAddress::Parse(*text)) return file->own.addresses.push_back(address->Unmapped());
  const bool suffix = text->starts_with('.');
  const auto name = DomainName::FromText(suffix ? std::string_view(*text).substr(1) : std::string_view(*text));
  if (!name || name->empty()) return line->Fail(Quoted(*text) + " is neither a name nor an address");
  (suffix ? file->own.suffixes : file->own.names).push_back(*name);
}

std::optional<unsigned> Number(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// "2026-12-31"
std::optional<std::chrono::sys_days> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = Number(text.substr(0, 4));
  const auto month = Number(text.substr(5, 2));
  const auto day = Number(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month},
                                         std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

void ReadTodayLine(CaseLine* line, CasesFile* file) {
  const std::string* text = line->Need("a date");
  if (text == nullptr) return;
  const auto date = ParseDate(*text);
  if (!date) return line->Fail(Quoted(*text) + " is no date of the form 2026-12-31");
  if (file->today && *file->today != *date) return line->Fail("the date is given twice");
  file->today = date;
}

// One row a kind of line.
struct LineKind {
  std::string_view verb;
  void (*read)(CaseLine*, CasesFile*);
};
constexpr std::array<LineKind, 5> kLineKinds{{{"policy", ReadPolicyLine},
                                              {"own", ReadOwnLine},
                                              {"today", ReadTodayLine},
                                              {"dns", ReadDnsLine},
                                              {"client", ReadClientLine}}};

void ReadLine(CaseLine* line, CasesFile* file) {
  const std::string& verb = line->Take();
  const auto* kind = std::ranges::find(kLineKinds, std::string_view(verb), &LineKind::verb);
  if (kind == kLineKinds.end()) {
    std::array<std::string_view, kLineKinds.size()> verbs;
    std::ranges::transform(kLineKinds, verbs.begin(), &LineKind::verb);
    return line->Fail("a line starts with policy, own, today, dns or client, not " + Quoted(verb) +
                      DidYouMean(verb, verbs));
  }
  kind->read(line, file);
  if (!line->failed() && !line->done()) {
    line->FailAt(line->next(), Quoted(line->Peek()) + " is one word too many");
  }
}

// "\r" at the end of lines is blank to the splitter; a byte order mark is skipped.
std::string_view WithoutBom(std::string_view text) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  return text.starts_with(kBom) ? text.substr(kBom.size()) : text;
}

std::string_view Trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

const std::string* CaseLine::Need(std::string_view what) {
  if (!done()) return &Take();
  FailAt(next(), std::string(what) + " is missing");
  return nullptr;
}

SourcePosition CaseLine::At(std::size_t index) const {
  SourcePosition position = where_;
  if (index < words_.size()) {
    position.column = words_[index].column;
  } else if (!words_.empty()) {
    // Escapes make a word longer in the file than here: the column is a hint, just behind the last word's start.
    position.column = words_.back().column + static_cast<std::uint32_t>(words_.back().text.size());
  }
  return position;
}

void CaseLine::FailAt(const SourcePosition& where, const std::string& message) {
  failed_ = true;
  diagnostics_->push_back({Severity::kError, {ErrorKind::kInputData, message, where}, ""});
}

CasesFile ReadCases(std::string_view text, const std::string& path) {
  CasesFile file;
  file.path = path;
  std::string_view rest = WithoutBom(text);
  for (std::uint32_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view written = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const SourcePosition where{path, number, 1};
    Result<std::vector<CaseWord>> words = SplitWords(written, where);
    if (!words.ok()) {
      file.diagnostics.push_back({Severity::kError, words.error(), ""});
      continue;
    }
    if (words.value().empty()) continue;
    const std::size_t before = file.cases.size();
    CaseLine line(std::move(words).value(), where, &file.diagnostics);
    ReadLine(&line, &file);
    if (file.cases.size() > before) file.cases.back().line = EscapeBytes(Trimmed(written));
  }
  return file;
}

}  // namespace heloguard
