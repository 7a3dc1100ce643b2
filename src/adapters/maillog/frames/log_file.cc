// Reads a file in large pieces and cuts it into lines, which are views into the piece. Knows no log format.
// Tests: tests/unit/adapters/maillog/frames/log_file_test.cc.
#include "adapters/maillog/frames/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace heloguard {
namespace {

constexpr std::size_t kBuffer = 256U << 10U;  // some of the longest lines

class Descriptor final : public ByteSource {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() override {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  std::size_t Read(std::span<char> into) override {
    ssize_t got = 0;
    do {
      got = ::read(fd_, into.data(), into.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) error_ = errno;
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

  [[nodiscard]] int error() const override { return error_; }

 private:
  int fd_;
  int error_ = 0;
};

Error CannotOpen(const std::string& path, std::string why) {
  return {ErrorKind::kNoInput, std::move(why), {.file = path}};
}

}  // namespace

class LogFile::Counting final : public ByteSource {
 public:
  Counting(std::unique_ptr<ByteSource> source, std::uintmax_t* bytes) : source_(std::move(source)), bytes_(bytes) {}
  std::size_t Read(std::span<char> into) override {
    const std::size_t got = source_->Read(into);
    *bytes_ += got;
    return got;
  }
  [[nodiscard]] int error() const override { return source_->error(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::uintmax_t* bytes_;
};

Result<std::unique_ptr<LogFile>> LogFile::Open(const std::string& path) {
  const bool standard_input = path == "-";
  const int fd = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return CannotOpen(path, std::generic_category().message(errno));
  auto source = std::make_unique<Descriptor>(fd);
  struct stat status {};
  const bool known = ::fstat(fd, &status) == 0;
  if (known && S_ISDIR(status.st_mode)) return CannotOpen(path, "is a directory");
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const bool regular = known && S_ISREG(status.st_mode);
  const auto changed = regular ? std::chrono::sys_seconds(std::chrono::seconds(status.st_mtim.tv_sec)) : now;
  auto file = std::make_unique<LogFile>(standard_input ? "(stdin)" : path, std::move(source), changed);
  file->regular_ = regular && !standard_input;
  if (regular) {
    file->size_ = static_cast<std::uintmax_t>(status.st_size);
    file->identity_ = {status.st_dev, status.st_ino};
  }
  return file;
}

LogFile::LogFile(std::string name, std::unique_ptr<ByteSource> source, std::chrono::sys_seconds changed)
    : name_(std::move(name)),
      source_(std::make_unique<Counting>(std::move(source), &bytes_)),
      decoder_(MakeDecoder(source_.get())),
      changed_(changed),
      buffer_(kBuffer) {}

bool LogFile::Fill() {
  if (ended_) return false;
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  const Result<std::size_t> got = decoder_->Read(std::span(buffer_).subspan(end_));
  if (!got.ok()) problem_ = got.error();
  if (source_->error() != 0) {
    problem_ = Error{ErrorKind::kInputData, std::generic_category().message(source_->error()), {}};
  }
  if (problem_) problem_->where.file = name_;
  ended_ = !got.ok() || got.value() == 0;
  if (!ended_) end_ += got.value();
  return !ended_;
}

std::string_view LogFile::Head() {
  if (end_ == 0) static_cast<void>(Fill());
  return {buffer_.data(), end_};
}

bool LogFile::NextLine(std::string_view* line) {
  std::size_t looked = 0;
  while (true) {
    const char* start = buffer_.data() + begin_;
    const void* feed = std::memchr(start + looked, '\n', end_ - begin_ - looked);
    if (feed != nullptr) {
      const auto size = static_cast<std::size_t>(static_cast<const char*>(feed) - start);
      *line = {start, std::min(size, kMaxLine)};
      begin_ += size + 1;
      break;
    }
    looked = end_ - begin_;
    if (looked > kMaxLine) {  // the rest of the line is dropped, its beginning kept
      end_ = begin_ + kMaxLine;
      looked = kMaxLine;
    }
    if (Fill()) continue;
    if (begin_ == end_) return false;
    *line = {buffer_.data() + begin_, std::min(end_ - begin_, kMaxLine)};
    begin_ = end_;
    break;
  }
  if (line->ends_with('\r')) line->remove_suffix(1);
  return true;
}

std::optional<std::string_view> LogFile::NextBytes(std::size_t size) {
  if (size > kMaxLine) return std::nullopt;
  while (end_ - begin_ < size) {
    if (!Fill()) return std::nullopt;
  }
  const std::string_view bytes(buffer_.data() + begin_, size);
  begin_ += size;
  return bytes;
}

}  // namespace heloguard
