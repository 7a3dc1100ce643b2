// Plain, gzip (RFC 1952, several members in a row) and zstd (RFC 8878, several frames in a row) bytes, streaming:
// memory does not grow with the file, whatever it unpacks to. Knows nothing of lines. Tests:
// tests/unit/adapters/maillog/frames/log_file_test.cc.
#include "adapters/maillog/frames/decoder.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heloguard {
namespace {

constexpr std::size_t kChunk = 256U << 10U;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::size_t kMaxMagic = 10;

// What is known and not unpacked here. bzip2's has the size of its blocks, a digit, between the two halves.
constexpr std::string_view kXzMagic("\xfd\x37zXZ\0", 6);
constexpr std::string_view kBzipMagic = "BZh";
constexpr std::string_view kBzipBlock = "1AY&SY";

Error Damaged(std::string what) { return {ErrorKind::kInputData, std::move(what), {}}; }

// The source with its first bytes, which were looked at, put back.
class Input {
 public:
  explicit Input(ByteSource* source) : source_(source), buffer_(kChunk) { Refill(); }

  // What is there to be used, read anew when it is used up; empty at the end.
  [[nodiscard]] std::string_view Bytes() {
    if (used_ == held_) Refill();
    return {buffer_.data() + used_, held_ - used_};
  }
  void Use(std::size_t bytes) { used_ += bytes; }
  // The longest magic number's bytes if there are as many, so that content can be told.
  [[nodiscard]] std::string_view Head() {
    while (held_ < kMaxMagic) {
      const std::size_t got = source_->Read(std::span(buffer_).subspan(held_));
      if (got == 0) break;
      held_ += got;
    }
    return {buffer_.data(), held_};
  }

 private:
  void Refill() {
    used_ = 0;
    held_ = source_->Read(buffer_);
  }
  ByteSource* source_;
  std::vector<char> buffer_;
  std::size_t used_ = 0, held_ = 0;
};

class PlainDecoder final : public Decoder {
 public:
  explicit PlainDecoder(std::unique_ptr<Input> input) : input_(std::move(input)) {}
  Result<std::size_t> Read(std::span<char> into) override {
    const std::string_view bytes = input_->Bytes();
    const std::size_t size = std::min(bytes.size(), into.size());
    std::copy_n(bytes.data(), size, into.data());
    input_->Use(size);
    return size;
  }

 private:
  std::unique_ptr<Input> input_;
};

class GzipDecoder final : public Decoder {
 public:
  explicit GzipDecoder(std::unique_ptr<Input> input) : input_(std::move(input)) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  ~GzipDecoder() override {
    if (ready_) inflateEnd(&stream_);
  }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Result<std::size_t> Read(std::span<char> into) override {
    if (!ready_) return Error{ErrorKind::kInternal, "out of memory", {}};
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), kChunk));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room) {
      const std::string_view bytes = input_->Bytes();
      if (bytes.empty()) {
        if (inside_) return Damaged("the gzip data is cut short");
        return std::size_t{0};
      }
      // zlib does not write to its input.
      stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
      stream_.avail_in = static_cast<uInt>(bytes.size());
      inside_ = true;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      input_->Use(bytes.size() - stream_.avail_in);
      if (result == Z_STREAM_END) {
        inside_ = false;
        inflateReset(&stream_);
      } else if (result != Z_OK) {
        return Damaged("the gzip data is damaged");
      }
    }
    return static_cast<std::size_t>(room - stream_.avail_out);
  }

 private:
  std::unique_ptr<Input> input_;
  z_stream stream_{};
  bool ready_ = false;
  bool inside_ = false;  // a member has begun and not ended
};

struct FreeZstd {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdDecoder final : public Decoder {
 public:
  explicit ZstdDecoder(std::unique_ptr<Input> input) : input_(std::move(input)), context_(ZSTD_createDCtx()) {}

  Result<std::size_t> Read(std::span<char> into) override {
    if (context_ == nullptr) return Error{ErrorKind::kInternal, "out of memory", {}};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      const std::string_view bytes = input_->Bytes();
      if (bytes.empty() && !inside_) return std::size_t{0};
      ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
      const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
      input_->Use(in.pos);
      if (ZSTD_isError(left) != 0) return Damaged("the zstd data is damaged");
      inside_ = left != 0;
      if (bytes.empty() && out.pos == 0) return Damaged("the zstd data is cut short");
    }
    return out.pos;
  }

 private:
  std::unique_ptr<Input> input_;
  std::unique_ptr<ZSTD_DCtx, FreeZstd> context_;
  bool inside_ = false;  // a frame has begun and not ended, or holds bytes back
};

// What is packed in a way that is not read here.
class ForeignDecoder final : public Decoder {
 public:
  explicit ForeignDecoder(std::string name) : name_(std::move(name)) {}
  Result<std::size_t> Read(std::span<char> /*into*/) override {
    return Error{
        ErrorKind::kInputData, "is packed with " + name_ + ", which is not read here: decompress it first", {}};
  }

 private:
  const std::string name_;
};

// "" for anything that is read here.
std::string ForeignPacker(std::string_view head) {
  if (head.starts_with(kXzMagic)) return "xz";
  const bool bzip = head.starts_with(kBzipMagic) && head.size() >= kMaxMagic;
  return bzip && head.substr(kBzipMagic.size() + 1).starts_with(kBzipBlock) ? "bzip2" : "";
}

}  // namespace

std::unique_ptr<Decoder> MakeDecoder(ByteSource* source) {
  auto input = std::make_unique<Input>(source);
  const std::string_view head = input->Head();
  if (head.starts_with(kGzipMagic)) return std::make_unique<GzipDecoder>(std::move(input));
  if (head.starts_with(kZstdMagic)) return std::make_unique<ZstdDecoder>(std::move(input));
  if (std::string packer = ForeignPacker(head); !packer.empty()) {
    return std::make_unique<ForeignDecoder>(std::move(packer));
  }
  return std::make_unique<PlainDecoder>(std::move(input));
}

}  // namespace heloguard
