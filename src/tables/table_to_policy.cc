// Postfix tables to rules (table_to_policy.h): what a line needs is a set of literals, each "matches" or "does not
// match" one term; exceptions multiply it out into several sets, a rule each. Pure. Tests: tests/cli/import_test.py.
#include "tables/table_to_policy.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "heloguard/policy/reply_template.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxAlternatives = 16;   // of a line
constexpr std::size_t kMaxLiterals = 500'000;  // literals in all rules together
constexpr std::size_t kMaxPattern = 4'096;     // octets, in a rule
constexpr std::string_view kAnyName = "^.";     // a name that is not empty
const IpNetwork kAllV4(IpAddress::V4({}), 0);
const IpNetwork kAllV6(IpAddress::V6({}), 0);

// A term to match, by its place in the list of all, and whether it must or must not.
using Literal = std::pair<std::size_t, bool>;
using Literals = std::set<Literal>;
Literal Not(const Literal& literal) { return {literal.first, !literal.second}; }

bool AreApart(const IpNetwork& a, const IpNetwork& b) { return !b.Contains(a) && !a.Contains(b); }

// Everything a table tries, numbered; equal things have one number.
class Terms {
 public:
  std::size_t Of(const std::string& text, const IpNetwork& network) {
    const auto [it, fresh] = numbers_.try_emplace(text, texts_.size());
    if (fresh) {
      texts_.push_back(text);
      networks_.push_back(network);
    }
    return it->second;
  }
  [[nodiscard]] const std::string& text(std::size_t number) const { return texts_[number]; }
  [[nodiscard]] const IpNetwork& network(std::size_t number) const { return networks_[number]; }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> texts_;
  std::vector<IpNetwork> networks_;
};

// Patterns whose first group takes the whole name.
constexpr std::array<std::string_view, 6> kWholeName{"^(.*)$", "^(.+)$", "^(.*)", "^(.+)", "(.*)", "(.+)"};

// The reply of a line as a template, "" for none. What it cannot say goes to `missing`.
std::string ReplyOf(const AccessLine& line, Outcome outcome, std::string* missing) {
  const AccessResult& result = line.result;
  const bool rejects = outcome == Outcome::kReject;
  const bool whole = std::ranges::find(kWholeName, line.matcher.pattern) != kWholeName.end();
  std::string text;
  for (const AccessPiece& piece : result.text) {
    if (piece.group == 1 && whole) {
      text += "{helo}";
      continue;
    }
    if (piece.group != 0) {
      *missing = "what $" + std::to_string(piece.group) + " stands for cannot be said in a reply";
      return "";
    }
    for (const char c : piece.words) text += c == '{' ? "{{" : c == '}' ? "}}" : std::string(1, c);
  }
  if (text.empty()) {
    if (result.code != 0 || !result.enhanced.empty()) *missing = "a code without a text cannot be said in a reply";
    return "";
  }
  const std::string code = result.code != 0 ? std::to_string(result.code) : rejects ? "550" : "450";
  std::string enhanced = result.enhanced.empty() ? ".7.1" : result.enhanced.substr(1);
  std::string reply = code + " " + (rejects ? "5" : "4") + enhanced + " " + text;
  if (ReplyTemplate::Parse(reply, outcome).ok()) return reply;
  *missing = "this text cannot be said in a reply";
  return "";
}

class Converter {
 public:
  explicit Converter(const PostfixTable& table) : table_(table), names_(table.kind != TableKind::kCidr) {}

  TableRules Run() {
    std::vector<std::size_t> ends;  // of the blocks that are open
    for (std::size_t i = 0; i < table_.lines.size(); ++i) {
      const AccessLine& line = table_.lines[i];
      for (; !ends.empty() && ends.back() == i; ends.pop_back()) path_.pop_back();
      if (line.is_if) {
        path_.push_back(Demands(line.matcher));
        ends.push_back(line.end);
      } else {
        Convert(line);
      }
    }
    Report();
    return std::move(result_);
  }

 private:
  // An address of the other family matches nothing, negated or not.
  Literals Demands(const AccessMatcher& matcher) {
    if (names_) return {{terms_.Of(matcher.pattern, {}), !matcher.negated}};
    const auto must = [this](const IpNetwork& network) {
      return Literal{terms_.Of(network.ToString(), network), true};
    };
    const Literal own = must(matcher.network);
    // No client has a mapped address: it is given as the IPv4 address it holds.
    const bool mapped = matcher.v6 == matcher.network.address().is_v4();
    if (mapped) return matcher.negated ? Literals{must(kAllV6)} : Literals{must(kAllV4), must(kAllV6)};
    return matcher.negated ? Literals{Not(own), must(matcher.v6 ? kAllV6 : kAllV4)} : Literals{own};
  }

  void Convert(const AccessLine& line) {
    const Literals own = Demands(line.matcher);
    Literals hit = own;
    for (const Literals& demands : path_) hit.insert(demands.begin(), demands.end());
    if (!Satisfiable(hit)) return;
    if (line.result.what == AccessClass::kDunno) {
      exceptions_.push_back(std::move(hit));
      return;
    }
    written_ += exceptions_.size() + hit.size();
    if (written_ > kMaxLiterals)
      return Leave(line, "the policy would become too large; read the table as a list instead");
    std::vector<Literals> ways{std::move(hit)};
    for (const Literals& exception : exceptions_) {
      ways = Except(std::move(ways), exception);
      if (ways.size() > kMaxAlternatives) return Leave(line, "too many exceptions from lines above that give DUNNO");
    }
    for (const Literals& way : ways) AddRule(line, own, way);
  }

  // Each way without what the exception takes out of it.
  [[nodiscard]] std::vector<Literals> Except(std::vector<Literals> ways, const Literals& exception) const {
    std::vector<Literals> left;
    for (Literals& way : ways) {
      const auto excluded = [&way](const Literal& literal) { return way.contains(Not(literal)); };
      if (std::ranges::any_of(exception, excluded)) {
        left.push_back(std::move(way));
        continue;
      }
      for (const Literal& literal : exception) {
        if (way.contains(literal)) continue;
        Literals one = way;
        one.insert(Not(literal));
        if (names_ || Satisfiable(one)) left.push_back(std::move(one));
      }
    }
    return left.size() > 1 ? Widest(std::move(left)) : left;
  }

  // Without those that another one holds already.
  static std::vector<Literals> Widest(std::vector<Literals> ways) {
    std::vector<Literals> left;
    for (std::size_t i = 0; i < ways.size(); ++i) {
      const auto covers = [&](std::size_t other) {
        const bool asks_less = std::ranges::includes(ways[i], ways[other]);
        return other != i && asks_less && (ways[other].size() < ways[i].size() || other < i);
      };
      bool covered = false;
      for (std::size_t other = 0; other < ways.size(); ++other) covered = covered || covers(other);
      if (!covered) left.push_back(ways[i]);
    }
    return left;
  }

  [[nodiscard]] bool Satisfiable(const Literals& way) const {
    return std::ranges::none_of(way, [&](const Literal& literal) {
      return literal.second && (way.contains(Not(literal)) || (!names_ && !NetworkLeft(way, literal.first)));
    });
  }

  // Whether something of a network that must match is left by the others.
  [[nodiscard]] bool NetworkLeft(const Literals& way, std::size_t number) const {
    const IpNetwork& network = terms_.network(number);
    return std::ranges::none_of(way, [&](const Literal& other) {
      const IpNetwork& another = terms_.network(other.first);
      return other.second ? AreApart(network, another) : another.Contains(network);
    });
  }

  void AddRule(const AccessLine& line, const Literals& own, const Literals& way) {
    std::vector<std::size_t> must = Must(way);
    Literals rest = way;
    const bool single = own.size() == 1 && own.begin()->second && (names_ || must.front() == own.begin()->first);
    if (single) {
      rest.erase(*own.begin());
      std::erase(must, own.begin()->first);
    }
    const std::size_t places = single ? 1 : 2;
    if (must.size() > places) return Leave(line, "a rule cannot ask for more than two patterns that must all match");
    if (Oversized(way)) return Leave(line, "this pattern is longer than a rule may have it");
    std::string missing;
    TableRule rule;
    rule.outcome = line.result.what == AccessClass::kOk       ? Outcome::kAccept
                   : line.result.what == AccessClass::kReject ? Outcome::kReject
                                                              : Outcome::kTempfail;
    if (rule.outcome != Outcome::kAccept) rule.reply = ReplyOf(line, rule.outcome, &missing);
    if (!missing.empty()) Leave(line, missing + "; the rule has the default one");
    rule.first_line = line.matcher.written.where.line;
    rule.last_line = line.last_line;
    const bool joins = single && missing.empty();
    if (joins && Join(*own.begin(), rule, rest)) return AddExceptions(way, &result_.rules.back());
    Fill(single ? std::optional(own.begin()->first) : std::nullopt, must, &rule);
    AddExceptions(way, &rule);
    result_.rules.push_back(std::move(rule));
    open_ = joins ? std::optional(std::move(rest)) : std::nullopt;
  }

  // What must match; of networks the narrowest, in which all the others hold as well.
  [[nodiscard]] std::vector<std::size_t> Must(const Literals& way) const {
    std::vector<std::size_t> must;
    for (const auto& [number, positive] : way) {
      if (positive) must.push_back(number);
    }
    if (names_ || must.empty()) return must;
    const auto length = [this](std::size_t number) { return terms_.network(number).prefix_length(); };
    return {*std::ranges::max_element(must, {}, length)};
  }

  void Fill(std::optional<std::size_t> own, std::vector<std::size_t> must, TableRule* rule) const {
    if (own) must.insert(must.begin(), *own);
    if (must.empty()) {
      rule->when = {std::string(kAnyName)};
      return;
    }
    rule->when = {terms_.text(must[0])};
    if (must.size() > 1) rule->also = {terms_.text(must[1])};
  }

  // Networks apart from what must match are no exceptions from it.
  void AddExceptions(const Literals& way, TableRule* rule) const {
    const std::vector<std::size_t> must = Must(way);
    for (const auto& [number, positive] : way) {
      if (positive) continue;
      if (!names_ && AreApart(terms_.network(number), terms_.network(must.front()))) continue;
      const std::string& text = terms_.text(number);
      if (std::ranges::find(rule->unless, text) == rule->unless.end()) rule->unless.push_back(text);
    }
  }

  // Adds what a line matches to the rule before, if it differs in nothing else.
  bool Join(const Literal& own, const TableRule& rule, const Literals& rest) {
    if (!open_ || *open_ != rest || result_.rules.empty()) return false;
    TableRule& last = result_.rules.back();
    if (last.outcome != rule.outcome || last.reply != rule.reply) return false;
    last.when.push_back(terms_.text(own.first));
    last.last_line = rule.last_line;
    return true;
  }

  [[nodiscard]] bool Oversized(const Literals& way) const {
    return std::ranges::any_of(way, [this](const Literal& l) { return terms_.text(l.first).size() > kMaxPattern; });
  }

  void Leave(const AccessLine& line, std::string why) {
    open_.reset();
    result_.left.push_back({ErrorKind::kInputData, std::move(why), line.matcher.written.where});
  }

  // What the reader of the table found, in between.
  void Report() {
    for (const Diagnostic& each : table_.diagnostics) {
      const bool left = each.severity == Severity::kError || each.id == kNotOursWarning;
      (left ? result_.left : result_.notes).push_back(each.error);
    }
    for (const AccessMatcher& matcher : table_.dropped) {
      result_.left.push_back(
          {ErrorKind::kInputData, "this line stands in a block whose if is left over", matcher.written.where});
    }
    const auto place = [](const Error& e) { return std::pair(e.where.line, e.where.column); };
    std::ranges::stable_sort(result_.left, {}, place);
    const auto same = [](const Error& a, const Error& b) { return a.where == b.where && a.message == b.message; };
    result_.left.erase(std::unique(result_.left.begin(), result_.left.end(), same), result_.left.end());
  }

  const PostfixTable& table_;
  const bool names_;
  Terms terms_;
  std::vector<Literals> path_;        // of the blocks around
  std::vector<Literals> exceptions_;  // lines that gave DUNNO
  std::optional<Literals> open_;      // what the last rule asks beside what its lines match; nullopt: none may join
  std::size_t written_ = 0;
  TableRules result_;
};

}  // namespace

TableRules RulesOf(const PostfixTable& table) { return Converter(table).Run(); }

}  // namespace heloguard
