// Reads lists: networks, names, pattern files. Tests: tests/unit/toml/policy_reader_test.cc,
// tests/golden/policy_errors/.
#include "list_reader.h"

#include <array>
#include <optional>
#include <utility>

#include "pattern_file.h"
#include "policy_values.h"

namespace heloguard {
namespace {

using Draft = ListReader::Draft;

void ReadClients(Draft& draft, const TomlValue& value) {
  draft.has_clients = true;
  draft.list.clients.clear();
  for (const TomlValue& element : value.Elements()) {
    const auto text = element.Text();
    if (!text) continue;
    if (const auto network = ReadNetwork(element, *text)) draft.list.clients.push_back(*network);
  }
}

void ReadNames(Draft& draft, const TomlValue& value) {
  draft.has_names = true;
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
  draft.has_patterns = true;
  draft.patterns.clear();
  for (const TomlValue& element : value.Elements()) {
    const auto name = element.Text();
    if (!name) continue;
    const auto file = draft.sources->Read(RelativeTo(value.file, *name));
    if (!file.ok()) {
      element.Error(file.error().message);
      continue;
    }
    for (Pattern& pattern : ReadPatternText(file.value()->text, file.value()->path, value.out)) {
      draft.patterns.push_back(std::move(pattern));
    }
  }
}

void ReadPart(Draft& draft, const TomlValue& value) {
  if (const auto part = WordOf<NamePart>(value)) draft.list.part = *part;
}

void RefusePostfix(Draft& draft, const TomlValue& value) {
  draft.has_names = draft.has_clients = true;  // so that rules on this list are no further errors
  AddError(value.out, value.key_at,
           value.path +
               ": reading a Postfix table as a list is not supported yet by this version; write its entries as "
               "clients, names or a pattern file");
}

constexpr std::array<KeySpec<Draft>, 5> kKeys{{
    {"clients", ReadClients},
    {"names", ReadNames},
    {"part", ReadPart},
    {"patterns", ReadPatternFiles},
    {"postfix", RefusePostfix},
}};

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
    const bool holds = draft.has_clients || draft.has_names || draft.has_patterns;
    if (!holds && !draft.broken) {
      AddError(out, draft.list.where, "the list \"" + name + "\" has neither clients nor names nor patterns");
    }
    if (draft.has_patterns) {
      auto set = PatternSet::Compile(std::move(draft.patterns), out, engine);
      if (set) draft.list.patterns = std::make_shared<const PatternSet>(std::move(*set));
    }
    lists[name] = {std::make_shared<const List>(std::move(draft.list)), draft.has_clients,
                   draft.has_names || draft.has_patterns};
  }
  return lists;
}

}  // namespace heloguard
