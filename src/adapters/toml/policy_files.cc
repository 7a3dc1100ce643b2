// Follows `include`: cycles, depth, files named twice. Knows no other key.
// Tests: tests/unit/adapters/toml/policy_files_test.cc, tests/golden/policy_errors/.
#include "adapters/toml/policy_files.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "adapters/toml/toml_document.h"

namespace heloguard {
namespace {

class Loader {
 public:
  Loader(SourceFiles* sources, Diagnostics* out) : sources_(sources), out_(out) {}

  // `kind` of the error if the file itself is missing.
  void LoadTop(const std::string& path, ErrorKind kind) {
    auto file = sources_->Read(path);
    if (!file.ok()) {
      Error error = file.error();
      error.kind = kind;
      out_->push_back({Severity::kError, std::move(error), ""});
      loaded_.complete = false;
      return;
    }
    Load(*file.value());
  }

  PolicyFiles Take() { return std::move(loaded_); }

 private:
  void Load(const SourceFile& file) {
    if (!done_.insert(file.id).second) return;
    auto root = ParseToml(file.text, file.path);
    if (!root.ok()) {
      out_->push_back({Severity::kError, root.error(), ""});
      loaded_.complete = false;
      return;
    }
    open_.push_back(&file);
    Includes(file, root.value());
    open_.pop_back();
    loaded_.files.push_back({file.path, std::move(root).value()});
  }

  void Includes(const SourceFile& file, const toml::table& root) {
    const auto it = root.find("include");
    if (it == root.end()) return;
    const TomlValue whole{root, file.path, "", {}, out_};
    for (const TomlValue& element : whole.Child(it->first, it->second).Elements()) {
      if (const auto name = element.Text()) Include(file, element, *name);
    }
  }

  void Include(const SourceFile& from, const TomlValue& at, const std::string& name) {
    const auto file = sources_->Read(RelativeTo(from.path, name));
    if (!file.ok()) {
      at.Error(file.error().message);
      loaded_.complete = false;
      return;
    }
    const SourceFile& included = *file.value();
    const auto open = std::ranges::find(open_, included.id, &SourceFile::id);
    if (open != open_.end()) {
      std::string chain;
      for (auto each = open; each != open_.end(); ++each) chain += (*each)->path + " -> ";
      at.Error("this include goes round in a circle: " + chain + included.path);
    } else if (open_.size() >= kMaxIncludeDepth) {
      at.Error("includes are nested more than " + std::to_string(kMaxIncludeDepth) + " deep");
    } else {
      Load(included);
    }
  }

  SourceFiles* sources_;
  Diagnostics* out_;
  PolicyFiles loaded_;
  std::unordered_set<std::string> done_;
  std::vector<const SourceFile*> open_;  // the files being read, outermost first
};

}  // namespace

PolicyFiles LoadPolicyFiles(SourceFiles* sources, const std::string& path, const std::string& local, Diagnostics* out) {
  Loader loader(sources, out);
  loader.LoadTop(path, ErrorKind::kNoInput);
  if (!local.empty()) loader.LoadTop(local, ErrorKind::kConfig);
  return loader.Take();
}

}  // namespace heloguard
