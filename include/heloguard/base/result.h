// Result<T>: a value or an Error, the only way failure crosses a border between parts of heloguard.
//
// Nothing in core or engine throws. Libraries that throw (toml++, CLI11, the standard library on
// exhausted memory) are caught where they are called and become an Error.
//
// Thread rule: values; const access is safe together, otherwise synchronise outside.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace heloguard {

// Where in a file something stands. Lines and columns count from 1; 0 means "not known".
struct SourcePosition {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  // "FILE:LINE:COLUMN", "FILE:LINE", "FILE" or "", as far as known.
  [[nodiscard]] std::string ToString() const;
  friend auto operator<=>(const SourcePosition&, const SourcePosition&) = default;
};

// What went wrong, as far as a caller may have to tell. Each kind has one exit status (sysexits.h).
enum class ErrorKind : std::uint8_t {
  kUsage,        // 64: the command line
  kInputData,    // 65: data handed in is malformed
  kNoInput,      // 66: a file named on the command line is not there
  kUnavailable,  // 69: a socket, resolver or service cannot be reached
  kInternal,     // 70: our own fault
  kConfig,       // 78: configuration or policy, a missing include among it
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;  // one line, no trailing full stop, untrusted bytes already escaped
  SourcePosition where;

  // "FILE:LINE:COLUMN: message", or the message alone where no position is known.
  [[nodiscard]] std::string ToString() const;
};

// One finding about a file. A file with any error does not load; warnings never stop it.
enum class Severity : std::uint8_t { kWarning, kError };
struct Diagnostic {
  Severity severity = Severity::kError;
  Error error;
  std::string id;  // stable name of the check ("shadowed-rule"), "" for plain syntax and value errors
};
using Diagnostics = std::vector<Diagnostic>;

// True if any finding is an error.
[[nodiscard]] bool HasErrors(const Diagnostics& diagnostics);
// Adds a plain error of kind kConfig.
void AddError(Diagnostics* out, SourcePosition where, std::string message);

// A T or an Error. REQUIRES: ok() before value(), !ok() before error().
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  [[nodiscard]] const T& value() const& { return *std::get_if<0>(&state_); }
  [[nodiscard]] T& value() & { return *std::get_if<0>(&state_); }
  [[nodiscard]] T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  [[nodiscard]] const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

// Success without a value, or an Error.
struct Done {};
using Status = Result<Done>;

}  // namespace heloguard
