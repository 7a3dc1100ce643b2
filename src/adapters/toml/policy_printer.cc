// Writes policies in the language they are read in. Tests: tests/unit/adapters/toml/policy_printer_test.cc,
// tests/fuzz/fuzz_policy.cc.
#include "adapters/toml/policy_printer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace heloguard {
namespace {

// A literal string where it can be one, as patterns are best read.
std::string Text(std::string_view text) {
  const bool literal = std::ranges::none_of(text, [](char c) { return c == '\'' || (c >= 0 && c < ' ') || c == 0x7f; });
  if (literal) return "'" + std::string(text) + "'";
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < ' ' || octet == 0x7f) {
      out.append("\\u00").append({kHex[octet >> 4U], kHex[octet & 15U]});
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

std::string Number(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

std::string Date(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  std::string year = std::to_string(static_cast<int>(date.year()));
  year.insert(0, 4 - std::min<std::size_t>(4, year.size()), '0');
  return year + "-" + two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day()));
}

std::string Array(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) text.append(text.size() == 1 ? "" : ", ").append(value);
  return text + "]";
}

template <class Range, class Print>
std::string ArrayOf(const Range& range, Print print) {
  std::vector<std::string> values;
  values.reserve(std::size(range));
  for (const auto& each : range) values.push_back(print(each));
  return Array(values);
}

std::string WholePath(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }

// Key by key: `key = value`, one a line.
class Section {
 public:
  void Heading(const std::string& heading) { out_ += "\n" + heading + "\n"; }
  void Key(std::string_view key, const std::string& value) {
    out_.append(key).append(" = ").append(value).append("\n");
  }
  void KeyIf(bool given, std::string_view key, const std::string& value) {
    if (given) Key(key, value);
  }
  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// --- conditions ---

std::string Values(const Condition& condition) {
  const FactSpec& fact = SpecOf(condition.fact);
  std::vector<std::string> values;
  for (const IpNetwork& network : condition.networks) values.push_back(Text(network.ToString()));
  for (const std::uint16_t port : condition.ports) values.push_back(std::to_string(port));
  for (std::size_t i = 0; i < fact.values.size(); ++i) {
    if ((condition.mask >> i & 1U) == 0) continue;
    values.push_back(fact.type == FactType::kBool ? std::string(fact.values[i]) : Text(fact.values[i]));
  }
  if (condition.patterns) {
    for (const Pattern& pattern : condition.patterns->patterns()) values.push_back(Text(pattern.text));
  }
  for (const auto& list : condition.lists) values.push_back(Text("@" + list->name));
  return values.size() == 1 ? values.front() : Array(values);
}

std::string KeyOf(const Condition& condition) { return std::string(SpecOf(condition.fact).name); }

std::string Alternative(const std::vector<Condition>& conditions) {
  std::string text;
  for (const Condition& each : conditions) {
    text.append(text.empty() ? "{ " : ", ").append(KeyOf(each)).append(" = ").append(Values(each));
  }
  return text + " }";
}

// --- the parts of a policy ---

void Print(const ScoreThresholds& limits, Section* out) {
  out->KeyIf(limits.tempfail.has_value(), "score.tempfail", Number(limits.tempfail.value_or(0)));
  out->KeyIf(limits.reject.has_value(), "score.reject", Number(limits.reject.value_or(0)));
}

void PrintHead(const Policy& policy, Section* out) {
  out->Key("schema", "1");
  out->Heading("[policy]");
  out->Key("name", Text(policy.name));
  out->Key("mode", Text(NameOf(policy.mode)));
  out->KeyIf(policy.percent.has_value(), "percent", std::to_string(policy.percent.value_or(0)));
  out->Key("stage", Text(NameOf(policy.stage)));
  Print(policy.thresholds, out);
  out->Key("exempt.authenticated", policy.exempt_authenticated ? "true" : "false");
  out->Key("exempt.recipients", ArrayOf(policy.exempt_recipients, Text));
}

void Print(const List& list, Section* out) {
  const bool dotted = list.name.find('.') != std::string::npos;
  out->Heading("[list." + (dotted ? Text(list.name) : list.name) + "]");
  if (!list.table_name.empty()) {
    const std::size_t colon = list.table_name.find(':');
    out->Key("postfix", Text(list.table_name.substr(0, colon + 1) + WholePath(list.table_name.substr(colon + 1))));
  } else {
    out->KeyIf(list.holds_clients, "clients",
               ArrayOf(list.clients, [](const IpNetwork& network) { return Text(network.ToString()); }));
    std::vector<std::string> names = list.names;
    names.insert(names.end(), list.suffixes.begin(), list.suffixes.end());
    const bool only_patterns = names.empty() && list.patterns != nullptr;
    out->KeyIf(list.holds_names && !only_patterns, "names", ArrayOf(names, Text));
    out->KeyIf(list.patterns != nullptr, "patterns",
               ArrayOf(list.pattern_files, [](const std::string& file) { return Text(WholePath(file)); }));
  }
  out->KeyIf(list.part != NamePart::kName, "part", Text(NameOf(list.part)));
}

void PrintAction(const Rule& rule, Section* out) {
  if (rule.action == ActionKind::kScore) {
    out->Key("score", Number(rule.score));
  } else {
    out->Key("action", Text(NameOf(rule.action)));
  }
  if (rule.own_reply) out->Key("reply", Text(rule.reply->text()));
}

void Print(const Rule& rule, Section* out) {
  out->Heading("[[rule]]");
  out->Key("name", Text(rule.name));
  for (const Condition& each : rule.when) out->Key("when." + KeyOf(each), Values(each));
  out->KeyIf(!rule.any.empty(), "when.any", ArrayOf(rule.any, Alternative));
  for (const Condition& each : rule.unless) out->Key("unless." + KeyOf(each), Values(each));
  PrintAction(rule, out);
  out->KeyIf(rule.mode != Mode::kEnforce, "mode", Text(NameOf(rule.mode)));
  out->KeyIf(rule.stage.has_value(), "stage", Text(NameOf(rule.stage.value_or(Stage::kRcpt))));
  out->KeyIf(!rule.enabled, "enabled", "false");
  out->KeyIf(rule.percent.has_value(), "percent", std::to_string(rule.percent.value_or(0)));
  out->KeyIf(rule.until.has_value(), "until", Date(rule.until.value_or(std::chrono::sys_days{})));
  out->KeyIf(!rule.reason.empty(), "reason", Text(rule.reason));
  out->KeyIf(rule.defer_if_unknown, "on_unknown", Text("tempfail"));
  out->KeyIf(rule.overrides_rfc5321, "overrides_rfc5321", "true");
}

}  // namespace

std::string PrintPolicy(const Policy& policy) {
  Section out;
  PrintHead(policy, &out);
  for (const auto& [name, list] : policy.lists) Print(*list, &out);
  for (const Rule& rule : policy.rules) {
    if (!rule.second_half) Print(rule, &out);  // the loader makes it of the rule before
  }
  return out.Take();
}

}  // namespace heloguard
