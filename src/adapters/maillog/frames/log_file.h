// One log file, line by line, unpacked on the way.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/maillog/frames/decoder.h"
#include "heloguard/base/result.h"

namespace heloguard {

// Thread rule: one thread.
class LogFile {
 public:
  // "-" is standard input. Errors: kNoInput if it cannot be opened, or is a folder.
  [[nodiscard]] static Result<std::unique_ptr<LogFile>> Open(const std::string& path);
  // From bytes in memory, for tests. `source` is named `name` and was last changed at `changed`.
  LogFile(std::string name, std::unique_ptr<ByteSource> source, std::chrono::sys_seconds changed);

  ~LogFile() = default;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // The next line without its line end, valid until the next call. Of a line longer than kMaxLine only that much is
  // given. False at the end of the file, and where problem() says that it cannot be read on.
  bool NextLine(std::string_view* line);
  // The next `size` bytes, if there are as many and no more than kMaxLine; valid until the next call.
  [[nodiscard]] std::optional<std::string_view> NextBytes(std::size_t size);

  // The beginning of the file, some lines of it, without using it up. Before the first NextLine.
  [[nodiscard]] std::string_view Head();
  // Whether it can be opened again to the same effect: not a pipe.
  [[nodiscard]] bool regular() const { return regular_; }
  // What two names of one file have in common: its device and its number there. nullopt for a pipe.
  using Identity = std::pair<std::uintmax_t, std::uintmax_t>;
  [[nodiscard]] const std::optional<Identity>& identity() const { return identity_; }

  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uintmax_t bytes() const { return bytes_; }                      // read so far, as stored
  [[nodiscard]] const std::optional<std::uintmax_t>& size() const { return size_; }  // as stored; nullopt for a pipe
  [[nodiscard]] std::chrono::sys_seconds changed() const { return changed_; }

  static constexpr std::size_t kMaxLine = 64U << 10U;

 private:
  // Counts what is read.
  class Counting;
  // Makes room and reads on; false at the end.
  bool Fill();

  std::string name_;
  std::uintmax_t bytes_ = 0;
  std::optional<std::uintmax_t> size_;
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<Decoder> decoder_;
  std::chrono::sys_seconds changed_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool ended_ = false;
  bool regular_ = false;
  std::optional<Identity> identity_;
  std::optional<Error> problem_;
};

}  // namespace heloguard
