// The bytes of a log file, unpacked. What packed it is told by its content, never by its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "heloguard/base/result.h"

namespace heloguard {

// Where packed bytes come from. Thread rule: one thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // At most into.size() bytes; 0 at the end, and after an error.
  virtual std::size_t Read(std::span<char> into) = 0;
  // The errno that ended it; 0 if none did.
  [[nodiscard]] virtual int error() const { return 0; }
};

// Thread rule: one thread.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Plain bytes into `into`; 0 at the end. Errors: kInputData for what is damaged or cut short, where what came before
  // it is good, and for what is packed with xz or bzip2.
  virtual Result<std::size_t> Read(std::span<char> into) = 0;
};

// Looks at the first bytes of `source`, which outlives the decoder.
[[nodiscard]] std::unique_ptr<Decoder> MakeDecoder(ByteSource* source);

}  // namespace heloguard
