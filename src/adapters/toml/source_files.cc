// Reads the files of a policy. The only file of this box that touches the disk; knows nothing of what they say.
// Tests: tests/unit/adapters/toml/policy_files_test.cc.
#include "adapters/toml/source_files.h"

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "adapters/toml/toml_document.h"
#include "heloguard/base/escape.h"
#include "os/regular_file.h"

namespace heloguard {
namespace {

namespace fs = std::filesystem;

std::string Shown(const std::string& path) { return fs::path(path).lexically_normal().string(); }

std::string IdOf(const std::string& path) {
  std::error_code error;
  const fs::path id = fs::weakly_canonical(path, error);
  return error ? Shown(path) : id.string();
}

Error Unreadable(const std::string& path, const std::string& why) {
  return {ErrorKind::kNoInput, "cannot read " + Quoted(Shown(path), 300) + ": " + why, {Shown(path), 0, 0}};
}

}  // namespace

Result<const SourceFile*> SourceFiles::Read(const std::string& path) {
  if (const auto known = by_id_.find(IdOf(path)); known != by_id_.end()) return known->second;
  auto text = ReadRegularFile(path, kMaxFileBytes);
  if (!text.ok()) return Unreadable(path, text.error().message);
  return Add(path, std::move(text).value());
}

const SourceFile* SourceFiles::Add(const std::string& path, std::string text) {
  files_.push_back({Shown(path), IdOf(path), std::move(text)});
  const SourceFile* file = &files_.back();
  order_.try_emplace(file->path, files_.size() - 1);
  by_id_.try_emplace(file->id, file);
  return file;
}

std::string SourceFiles::Hash() const {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const SourceFile& file : files_) {
    for (const char c : file.text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
  }
  std::string digits(16, '0');
  for (std::size_t i = 0; i < digits.size(); ++i) digits[i] = "0123456789abcdef"[(hash >> (60 - 4 * i)) & 0xfU];
  return digits;
}

std::size_t SourceFiles::OrderOf(const std::string& path) const {
  const auto known = order_.find(path);
  return known == order_.end() ? files_.size() : known->second;
}

std::string RelativeTo(const std::string& from, const std::string& name) {
  return (fs::path(from).parent_path() / name).string();
}

}  // namespace heloguard
