// Reads a table of sessions (client, HELO, PTR name, its status; tabs between) and judges each line. With live DNS many
// lines are under way at once, so that slow name servers cost one deadline together rather than one each; the output
// keeps the order. Reading and printing are separate, so that a program that writes a line and waits for its answer
// gets it. Tests: tests/cli/batch_test.py.
#include "app/check/batch.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <system_error>

#include "app/check/check_json.h"
#include "app/shared/check_request.h"
#include "app/shared/load.h"
#include "app/shared/ordered_output.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxLine = 1U << 20U;  // a HELO of 64 KiB, every octet escaped, and room to spare
constexpr std::size_t kLinesInFlight = 64;   // each at most some dozen questions

// A line up to its line feed; what is longer than kMaxLine is dropped and `too_long` set. False at the end.
bool ReadLine(std::istream& in, std::string* line, bool* too_long) {
  line->clear();
  *too_long = false;
  std::streambuf& buffer = *in.rdbuf();
  for (int c = buffer.sbumpc(); c != EOF; c = buffer.sbumpc()) {
    if (c == '\n') return true;
    if (line->size() < kMaxLine) {
      line->push_back(static_cast<char>(c));
    } else {
      *too_long = true;
    }
  }
  return !line->empty();
}

struct Column {
  std::string_view text;
  std::uint32_t at = 1;  // octets, from 1
};

std::vector<Column> SplitColumns(std::string_view line) {
  std::vector<Column> columns;
  std::size_t start = 0;
  while (true) {
    const std::size_t end = std::min(line.find('\t', start), line.size());
    columns.push_back({line.substr(start, end - start), static_cast<std::uint32_t>(start + 1)});
    if (end == line.size()) return columns;
    start = end + 1;
  }
}

// "-" and nothing both stand for "not known".
std::optional<std::string> KnownText(const Column& column) {
  if (column.text.empty() || column.text == kNotKnown) return std::nullopt;
  return std::string(column.text);
}

// Reverse DNS of the third and fourth column. `NAME` alone is verified, `NAME -` is a name of which that is not known.
Result<std::optional<SuppliedRdns>> RdnsOf(const std::vector<Column>& columns) {
  const auto name = columns.size() > 2 ? KnownText(columns[2]) : std::nullopt;
  auto status = columns.size() > 3 ? KnownText(columns[3]) : std::nullopt;
  if (name && !status && columns.size() > 3) status = kNotKnown;
  return ParseRdns(name, status);
}

Error At(std::uint32_t column, std::string message) {
  return {ErrorKind::kInputData, std::move(message), {.file = "", .line = 0, .column = column}};
}

// Errors carry the column.
Result<CheckRequest> ParseLine(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::vector<Column> columns = SplitColumns(line);
  const auto behind = static_cast<std::uint32_t>(line.size() + 1);
  if (columns.size() < 2) return At(behind, "a line needs a client address and a HELO with a tab between");
  if (columns.size() > 4) return At(columns[4].at, "more than four columns");
  const auto client = ParseClient(columns[0].text);
  if (!client.ok()) return At(columns[0].at, client.error().message);
  const auto rdns = RdnsOf(columns);
  if (!rdns.ok()) {
    // The name is judged before the status, so that what remains to blame is clear.
    const bool name_fine = !KnownText(columns[2]) || ParseRdns(KnownText(columns[2]), std::nullopt).ok();
    return At(columns[name_fine && columns.size() > 3 ? 3 : 2].at, rdns.error().message);
  }
  CheckRequest request;
  request.client = client.value();
  request.helo = UnescapeBytes(columns[1].text);
  request.rdns = rdns.value();
  return request;
}

class Batch {
 public:
  Batch(const BatchOptions& options, const std::shared_ptr<const Policy>& policy, const CommandServices& world)
      : options_(options), policy_(policy), world_(world), name_(options.file == "-" ? "(stdin)" : options.file) {}

  int Run(std::istream& in, std::uintmax_t size) {
    int write_error = 0;
    {
      OrderedOutput output(kLinesInFlight, size);
      std::string line;
      bool too_long = false;
      for (std::uint32_t number = 1; ReadLine(in, &line, &too_long) && !output.failed(); ++number) {
        output.Push(too_long ? Complain(number, At(1, "the line is longer than a mebibyte")) : Judge(line, number),
                    line.size() + 1);
      }
      write_error = output.Finish();
    }
    if (write_error != 0) {
      const Error error{
          ErrorKind::kUnavailable, "standard output: " + std::generic_category().message(write_error), {}};
      return PrintDiagnostics({{Severity::kError, error, ""}});
    }
    return bad_lines_ ? ExitStatus(ErrorKind::kInputData) : 0;
  }

 private:
  OrderedOutput::Item Judge(const std::string& line, std::uint32_t number) {
    Result<CheckRequest> request = ParseLine(line);
    if (!request.ok()) return Complain(number, request.error());
    request.value().port = options_.port;
    request.value().tls = options_.tls;
    request.value().authenticated = options_.authenticated;
    // Without DNS there is nothing to wait for: the printer does the work itself.
    const auto how = world_.resolver == nullptr ? std::launch::deferred : std::launch::async;
    return {std::async(how,
                       [this, one = std::move(request).value()] {
                         std::string json;
                         JudgeRequest(one, policy_, world_, [&](const SessionReport& r) { json = CheckJson(r); });
                         return json + "\n";
                       }),
            ""};
  }

  OrderedOutput::Item Complain(std::uint32_t number, Error error) {
    bad_lines_ = true;
    error.where.file = name_;
    error.where.line = number;
    return {{}, "heloguard: " + DiagnosticLine({Severity::kError, std::move(error), ""}) + "\n"};
  }

  const BatchOptions& options_;
  const std::shared_ptr<const Policy>& policy_;
  const CommandServices& world_;
  const std::string name_;
  bool bad_lines_ = false;
};

}  // namespace

int RunBatch(const BatchOptions& options, const std::shared_ptr<const Policy>& policy, const CommandServices& world) {
  Batch batch(options, policy, world);
  if (options.file == "-") return batch.Run(std::cin, 0);
  std::error_code error;
  const bool directory = std::filesystem::is_directory(options.file, error);
  std::ifstream in(options.file, std::ios::binary);
  if (directory || !in) {
    const std::string why = directory ? "is a directory" : std::generic_category().message(errno);
    return PrintDiagnostics({{Severity::kError, {ErrorKind::kNoInput, why, {.file = options.file}}, ""}});
  }
  const std::uintmax_t size = std::filesystem::file_size(options.file, error);
  return batch.Run(in, error ? 0 : size);
}

}  // namespace heloguard
