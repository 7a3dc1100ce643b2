// The files a policy is made of: each read once, hashed in reading order.
//
// Limits: regular files only, kMaxFileBytes each.
// Thread rule: one load, one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "heloguard/base/result.h"

namespace heloguard {

inline constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20U;

struct SourceFile {
  std::string path;  // as it was first named, without "." and ".."; what messages show
  std::string id;    // the same for every way to name the file
  std::string text;
};

class SourceFiles {
 public:
  // The file, from disk at the first call only. The pointer stays valid. Errors: kNoInput, whatever is wrong.
  [[nodiscard]] Result<const SourceFile*> Read(const std::string& path);
  // Lets `text` stand for the file `path`.
  const SourceFile* Add(const std::string& path, std::string text);

  // FNV-1a (64 bits) over the bytes of all files in reading order, 16 hex digits: equal files elsewhere, equal hash.
  [[nodiscard]] std::string Hash() const;
  // Place in reading order of the file shown as `path`; the number of files if there is none.
  [[nodiscard]] std::size_t OrderOf(const std::string& path) const;

 private:
  std::deque<SourceFile> files_;
  std::unordered_map<std::string, const SourceFile*> by_id_;
  std::unordered_map<std::string, std::size_t> order_;  // by path; of files shown alike the first
};

// `name` as the file `from` means it: relative to the folder of `from`.
[[nodiscard]] std::string RelativeTo(const std::string& from, const std::string& name);

}  // namespace heloguard
