// Reads lists: networks, names, pattern files, Postfix tables. Tests: tests/unit/adapters/toml/policy_reader_test.cc,
// tests/golden/policy_errors/.
#include "adapters/toml/list_reader.h"

#include <array>
#include <optional>
#include <utility>

#include "adapters/toml/pattern_file.h"
#include "adapters/toml/policy_values.h"

namespace heloguard {
namespace {

using Draft = ListReader::Draft;

void ReadClients(Draft& draft, const TomlValue& value) {
  draft.list.holds_clients = true;
  draft.list.clients.clear();
  for (const TomlValue& element : value.Elements()) {
    const auto text = element.Text();
    if (!text) continue;
    if (const auto network = ReadNetwork(element, *text)) draft.list.clients.push_back(*network);
  }
}

void ReadNames(Draft& draft, const TomlValue& value) {
  draft.list.holds_names = true;
  draft.list.names.clear();
  draft.list.suffixes.clear();
  for (const TomlValue& element : value.Elements()) {
    auto name = ReadHostName(element);
    if (!name) continue;
    auto& kind = name->front() == '.' ? draft.list.suffixes : draft.list.names;
    kind.push_back(std::move(*name));
  }
}

void ReadPatternFiles(Draft& draft, const TomlValue& value) {
  draft.has_patterns = draft.list.holds_names = true;
  draft.patterns.clear();
  draft.list.pattern_files.clear();
  for (const TomlValue& element : value.Elements()) {
    const auto name = element.Text();
    if (!name) continue;
    const auto file = draft.sources->Read(RelativeTo(value.file, *name));
    if (!file.ok()) {
      element.Error(file.error().message);
      continue;
    }
    draft.list.pattern_files.push_back(file.value()->path);
    for (Pattern& pattern : ReadPatternText(file.value()->text, file.value()->path, value.out)) {
      draft.patterns.push_back(std::move(pattern));
    }
  }
}

void ReadPart(Draft& draft, const TomlValue& value) {
  if (const auto part = WordOf<NamePart>(value)) draft.list.part = *part;
}

void ReadPostfix(Draft& draft, const TomlValue& value) {
  draft.table = PostfixTable{};
  draft.table_known = draft.table_fine = false;
  const auto text = value.Text();
  if (!text) return;
  const auto name = ParseTableName(*text);
  draft.table_known = name.ok();
  if (!name.ok()) {
    value.Error(name.error().message);
    return;
  }
  draft.table->kind = name.value().kind;
  const auto file = draft.sources->Read(RelativeTo(value.file, name.value().path));
  if (!file.ok()) {
    value.Error(file.error().message);
    return;
  }
  draft.list.table_name = std::string(NameOf(name.value().kind)) + ":" + file.value()->path;
  draft.table = ReadPostfixTable(name.value().kind, file.value()->text, file.value()->path);
  draft.table_fine = !HasErrors(draft.table->diagnostics);
  value.out->insert(value.out->end(), draft.table->diagnostics.begin(), draft.table->diagnostics.end());
}

constexpr std::array<KeySpec<Draft>, 5> kKeys{{
    {"clients", ReadClients},
    {"names", ReadNames},
    {"part", ReadPart},
    {"patterns", ReadPatternFiles},
    {"postfix", ReadPostfix},
}};

NamedList FinishTable(const SetEngineFactory& engine, bool holds_more, Draft* draft, Diagnostics* out) {
  if (holds_more) {
    AddError(
        out, draft->list.where,
        "the list \"" + draft->list.name +
            "\" holds a Postfix table, and so neither clients nor names nor patterns; put them into a list beside it");
  }
  const TableKind kind = draft->table->kind;
  if (draft->table_fine) {
    draft->list.table = AccessTable::Compile(kind, std::move(draft->table->lines), out, engine);
  } else {
    draft->list.part = NamePart::kName;  // whether there would be names to take a part of is not known
  }
  // Of a table whose kind is not known, naming it is no further error.
  draft->list.holds_names = kind != TableKind::kCidr || !draft->table_known;
  draft->list.holds_clients = kind == TableKind::kCidr || !draft->table_known;
  return {std::make_shared<const List>(std::move(draft->list)), kind};
}

}  // namespace

void ListReader::Read(const TomlValue& section) {
  const toml::table* table = section.node.as_table();
  if (table == nullptr) {
    section.ErrorType("tables [list.NAME]");
    return;
  }
  for (const auto& [key, node] : *table) {
    const TomlValue value = section.Child(key, node);
    if (!CheckIdentifier(value, key.str())) continue;
    auto [it, fresh] = drafts_.try_emplace(std::string(key.str()));
    Draft& draft = it->second;
    draft.sources = sources_;
    if (fresh) {
      draft.list.name = key.str();
      draft.list.where = value.key_at;
    }
    const std::size_t reported = value.out->size();
    ReadKeys(value, kKeys, draft);
    draft.broken = draft.broken || value.out->size() > reported;
  }
}

NamedLists ListReader::Finish(const SetEngineFactory& engine, Diagnostics* out) {
  NamedLists lists;
  for (auto& [name, draft] : drafts_) {
    const bool holds = draft.list.holds_clients || draft.list.holds_names;
    if (!holds && !draft.table && !draft.broken) {
      AddError(out, draft.list.where, "the list \"" + name + "\" has neither clients nor names nor patterns");
    }
    if (draft.table) {
      lists[name] = FinishTable(engine, holds, &draft, out);
      continue;
    }
    if (draft.has_patterns) {
      auto set = PatternSet::Compile(std::move(draft.patterns), out, engine);
      if (set) draft.list.patterns = std::make_shared<const PatternSet>(std::move(*set));
    }
    lists[name] = {std::make_shared<const List>(std::move(draft.list)), std::nullopt};
  }
  return lists;
}

}  // namespace heloguard
