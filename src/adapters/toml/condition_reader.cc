// Reads conditions. Names and words come from the fact table, so a new fact needs no line here; what values look like
// is one row a fact type. Tests: tests/unit/adapters/toml/condition_reader_test.cc, tests/golden/policy_errors/.
#include "adapters/toml/condition_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "adapters/toml/policy_values.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxPattern = 4'096;  // octets

struct Draft {
  const FactSpec& fact;
  const ConditionContext& context;
  Condition condition;
  std::vector<Pattern> patterns;
  bool fine = true;
};

std::string Joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

// --- lists ---

const NamedList* FindList(const TomlValue& value, std::string_view name, const ConditionContext& context) {
  const auto it = context.lists.find(std::string(name));
  if (it != context.lists.end()) return &it->second;
  value.Error("there is no list " + Quoted(name) + context.list_names.DidYouMean(name));
  return nullptr;
}

// What is wrong with a list that a fact cannot ask.
std::string Misfit(const NamedList& list, bool clients, std::string_view fact) {
  if (!list.table) {
    return std::string(" has no ") + (clients ? "clients" : "names or patterns") + ", which " + std::string(fact) +
           " needs";
  }
  return " is a " + std::string(NameOf(*list.table)) + " table, which " + std::string(fact) + " cannot ask; " +
         (clients ? "an address needs a cidr table" : "a name needs a pcre or regexp table");
}

// "@name": `holds` says whether the list has what the fact needs, `needs` names it.
void ReadListName(Draft& draft, const TomlValue& value, std::string_view name, bool List::*holds) {
  const NamedList* list = FindList(value, name, draft.context);
  const bool fits = list != nullptr && (*list->list).*holds;
  if (list != nullptr && !fits) {
    value.Error("the list " + Quoted(name) + Misfit(*list, holds == &List::holds_clients, draft.fact.name));
  }
  draft.fine = draft.fine && fits;
  if (fits) draft.condition.lists.push_back(list->list);
}

// --- one value of each fact type ---

void ReadAddress(Draft& draft, const TomlValue& value) {
  const auto text = value.Text();
  if (text && text->starts_with('@')) {
    ReadListName(draft, value, std::string_view(*text).substr(1), &List::holds_clients);
    return;
  }
  const auto network = text ? ReadNetwork(value, *text) : std::nullopt;
  draft.fine = draft.fine && network;
  if (network) draft.condition.networks.push_back(*network);
}

void ReadPort(Draft& draft, const TomlValue& value) {
  const auto port = value.Integer();
  const bool fits = port && *port >= 1 && *port <= 65'535;
  if (port && !fits) value.Error("a port is 1 to 65535, not " + std::to_string(*port));
  draft.fine = draft.fine && fits;
  if (fits) draft.condition.ports.push_back(static_cast<std::uint16_t>(*port));
}

void ReadBool(Draft& draft, const TomlValue& value) {
  const auto flag = value.Bool();
  draft.fine = draft.fine && flag;
  if (flag) draft.condition.mask |= *flag ? 2U : 1U;
}

void ReadWord(Draft& draft, const TomlValue& value) {
  const auto text = value.Text();
  const auto it = text ? std::ranges::find(draft.fact.values, *text) : draft.fact.values.end();
  const bool known = it != draft.fact.values.end();
  if (known) draft.condition.mask |= 1U << static_cast<unsigned>(it - draft.fact.values.begin());
  draft.fine = draft.fine && known;
  if (!text || known) return;
  const std::string fact(draft.fact.name);
  if (text->starts_with('@')) {
    value.Error("a list does not fit " + fact + ", which is one of these words: " + Joined(draft.fact.values));
    return;
  }
  value.Error(fact + " has no value " + Quoted(*text) + DidYouMean(*text, draft.fact.values) +
              "; it can be: " + Joined(draft.fact.values));
}

void ReadPattern(Draft& draft, const TomlValue& value) {
  const auto text = value.Text();
  if (text && text->starts_with('@')) {
    ReadListName(draft, value, std::string_view(*text).substr(1), &List::holds_names);
    return;
  }
  const bool fits = text && !text->empty() && text->size() <= kMaxPattern;
  if (text && !fits) value.Error("a pattern has 1 to " + std::to_string(kMaxPattern) + " octets");
  draft.fine = draft.fine && fits;
  if (fits) draft.patterns.push_back({*text, value.at()});
}

struct TypeReader {
  FactType type;
  void (*read)(Draft& draft, const TomlValue& value);
};
constexpr std::array<TypeReader, EnumNames<FactType>.size()> kTypeReaders{{
    {FactType::kAddress, ReadAddress},
    {FactType::kPort, ReadPort},
    {FactType::kBool, ReadBool},
    {FactType::kEnum, ReadWord},
    {FactType::kSet, ReadWord},
    {FactType::kNames, ReadPattern},
}};

// --- a condition ---

std::string ShownValue(const TomlValue& value) {
  if (const auto* text = value.node.as_string()) return Quoted(text->get());
  if (const auto* number = value.node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = value.node.as_boolean()) return flag->get() ? "true" : "false";
  return "?";
}

// As people write it: helo.kind = ["bare-ipv4", "bare-ipv6"].
std::string TextOf(std::string_view fact, const TomlValue& value) {
  std::string text;
  for (const TomlValue& element : value.Elements()) text.append(text.empty() ? "" : ", ").append(ShownValue(element));
  if (value.node.is_array()) text = "[" + text + "]";
  return std::string(fact) + " = " + text;
}

void ReadCondition(const FactSpec& fact, const TomlValue& value, const ConditionContext& context,
                   std::vector<Condition>* out) {
  Draft draft{fact, context, {}, {}, true};
  draft.condition.fact = fact.id;
  draft.condition.where = value.key_at;
  const auto elements = value.Elements();
  if (elements.empty()) {
    value.Error(std::string(fact.name) + " has no values here: an empty array holds for nothing");
    return;
  }
  for (const TomlValue& element : elements) kTypeReaders[static_cast<std::size_t>(fact.type)].read(draft, element);
  if (!draft.patterns.empty()) {
    auto set = PatternSet::Compile(std::move(draft.patterns), value.out, context.engine);
    if (!set) return;
    draft.condition.patterns = std::make_shared<const PatternSet>(std::move(*set));
  }
  if (!draft.fine) return;
  draft.condition.text = TextOf(fact.name, value);
  out->push_back(std::move(draft.condition));
}

// --- tables of conditions ---

void ReportUnknownFact(const TomlValue& value, const std::string& name) {
  std::vector<std::string_view> known, below;
  for (const FactSpec& fact : FactTable()) {
    known.push_back(fact.name);
    if (fact.name.starts_with(name + ".")) below.push_back(fact.name);
  }
  const std::string hint = below.empty() ? DidYouMean(name, known) : "; there are " + Joined(below);
  AddError(value.out, value.key_at, "there is no fact " + Quoted(name) + hint);
}

// `name`: the part of a fact's name that the tables around have spelled so far, "" or "helo".
void ReadFacts(const TomlValue& table, const std::string& name, const ConditionContext& context,
               std::vector<Condition>* out) {
  for (const auto& [key, node] : *table.node.as_table()) {
    if (name.empty() && key.str() == "any") continue;  // the caller's
    const TomlValue value = table.Child(key, node);
    const std::string full = name.empty() ? std::string(key.str()) : name + "." + std::string(key.str());
    const FactSpec* fact = FindFact(full);
    const toml::table* inner = node.as_table();
    if (fact != nullptr) {
      ReadCondition(*fact, value, context, out);
    } else if (inner != nullptr && !inner->empty()) {
      ReadFacts(value, full, context, out);
    } else {
      ReportUnknownFact(value, full);
    }
  }
}

// All conditions of one table. toml++ sorts keys; people read them as they wrote them.
void ReadTable(const TomlValue& table, const ConditionContext& context, std::vector<Condition>* out) {
  if (!table.node.is_table()) {
    table.ErrorType("a table of facts");
    return;
  }
  ReadFacts(table, "", context, out);
  std::ranges::sort(*out, {},
                    [](const Condition& condition) { return std::pair(condition.where.line, condition.where.column); });
}

// The value of the key `any`, if the table has one.
std::optional<TomlValue> FindAny(const TomlValue& table) {
  const toml::table* inner = table.node.as_table();
  if (inner == nullptr) return std::nullopt;
  const auto it = inner->find("any");
  if (it == inner->end()) return std::nullopt;
  return table.Child(it->first, it->second);
}

}  // namespace

void ReadUnless(const TomlValue& table, const ConditionContext& context, std::vector<Condition>* unless) {
  ReadTable(table, context, unless);
  if (const auto any = FindAny(table)) {
    AddError(any->out, any->key_at, "unless takes no any: whichever of its conditions holds, the rule does not");
  }
}

void ReadWhen(const TomlValue& table, const ConditionContext& context, std::vector<Condition>* when,
              std::vector<std::vector<Condition>>* any) {
  ReadTable(table, context, when);
  const auto alternatives = FindAny(table);
  if (!alternatives) return;
  const toml::array* array = alternatives->node.as_array();
  if (array == nullptr || array->empty()) {
    alternatives->ErrorType("an array of tables, at least one");
    return;
  }
  for (const TomlValue& alternative : alternatives->Elements()) {
    any->emplace_back();
    ReadTable(alternative, context, &any->back());
    const toml::table* inner = alternative.node.as_table();
    if (inner != nullptr && inner->empty()) alternative.Error("an alternative without a condition always holds");
    if (const auto nested = FindAny(alternative)) {
      AddError(nested->out, nested->key_at, "alternatives cannot hold further alternatives");
    }
  }
}

}  // namespace heloguard
