// The [list.NAME] sections of all files of a policy, merged key by key: a key given again in a later file replaces.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/toml/source_files.h"
#include "adapters/toml/toml_document.h"
#include "heloguard/policy/policy.h"
#include "tables/postfix_table.h"

namespace heloguard {

struct NamedList {
  std::shared_ptr<const List> list;
  std::optional<TableKind> table;  // the kind of its Postfix table, one with errors too
};
using NamedLists = std::map<std::string, NamedList>;

class ListReader {
 public:
  explicit ListReader(SourceFiles* sources) : sources_(sources) {}

  // The [list] table of one file.
  void Read(const TomlValue& section);
  // Compiles the patterns. A list with errors is there all the same, so that naming it is no further error.
  [[nodiscard]] NamedLists Finish(const SetEngineFactory& engine, Diagnostics* out);

  struct Draft {
    SourceFiles* sources = nullptr;
    List list;
    std::vector<Pattern> patterns;
    std::optional<PostfixTable> table;
    bool table_known = false;  // of what kind it is
    bool table_fine = false;   // it was read without an error
    bool has_patterns = false;
    bool broken = false;  // something was reported
  };

 private:
  SourceFiles* sources_;
  std::map<std::string, Draft> drafts_;
};

}  // namespace heloguard
