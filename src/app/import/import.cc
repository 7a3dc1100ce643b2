// `heloguard import`: a Postfix access table as a policy that stands by itself. Reads the table, writes TOML; what
// becomes of each line is table_to_policy.h's. Tests: tests/cli/import_test.py.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <utility>

#include "adapters/toml/source_files.h"
#include "app/import/import_command.h"
#include "app/shared/load.h"
#include "app/shared/output.h"
#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"
#include "tables/table_to_policy.h"

namespace heloguard {
namespace {

constexpr int kExitLeftOver = 1;
constexpr std::size_t kMaxName = 40;  // leaves room for a line's number
constexpr std::size_t kWidth = 110;

bool IsNameCharacter(char c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_' || c == '.'; }

// "regexp:PATH", or a path whose extension says it.
Result<TableName> NameOfTable(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string::npos && text.find('/') > colon) return ParseTableName(text);
  const std::string extension = std::filesystem::path(text).extension().string();
  const auto kind = FromName<TableKind>(extension.empty() ? "" : std::string_view(extension).substr(1));
  return kind ? Result(TableName{*kind, text}) : ParseTableName(text);
}

// For rules: the file's name in the characters a rule's name may have.
std::string NameFrom(const std::string& path) {
  std::string name = LowerCase(std::filesystem::path(path).stem().string()).substr(0, kMaxName);
  for (char& c : name) c = IsNameCharacter(c) ? c : '-';
  return name.empty() ? "table" : name;
}

std::string TomlString(const std::string& text) {
  if (text.find('\'') == std::string::npos) return "'" + text + "'";
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "\"";
}

// "'one'", or an array, broken into lines where that is allowed and wanted.
std::string TomlValues(const std::vector<std::string>& values, bool one_line) {
  if (values.size() == 1) return TomlString(values.front());
  std::string line = "[", text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string value = TomlString(values[i]) + (i + 1 < values.size() ? ", " : "]");
    if (!one_line && line.size() + value.size() > kWidth) {
      text += line + "\n";
      line = "    ";
    }
    line += value;
  }
  return text + line;
}

class Writer {
 public:
  Writer(const TableName& table, std::string name)
      : table_(table), name_(std::move(name)), fact_(table.kind == TableKind::kCidr ? "client.address" : "helo.name") {
    out_ = "# Made by heloguard import from " + std::string(NameOf(table.kind)) + ":" + EscapeBytes(table.path) +
           "\nschema = 1\n";
  }

  std::string Run(const TableRules& imported) {
    std::size_t left = 0;
    for (const TableRule& rule : imported.rules) {
      for (; left < imported.left.size() && imported.left[left].where.line < rule.first_line; ++left) {
        WriteLeft(imported.left[left]);
      }
      WriteRule(rule);
    }
    for (; left < imported.left.size(); ++left) WriteLeft(imported.left[left]);
    return std::move(out_);
  }

 private:
  void WriteLeft(const Error& error) { out_ += "\n# left over: " + EscapeBytes(error.ToString()) + "\n"; }

  void WriteRule(const TableRule& rule) {
    const bool one = rule.first_line == rule.last_line;
    const std::string first = std::to_string(rule.first_line);
    out_ += "\n# " + EscapeBytes(table_.path) + (one ? ", line " : ", lines ") + first +
            (one ? "" : " to " + std::to_string(rule.last_line)) + "\n[[rule]]\n";
    // A line may become several rules.
    const unsigned times = ++written_[rule.first_line];
    out_ += "name = \"" + name_ + "-" + first + (times > 1 ? "-" + std::to_string(times) : "") + "\"\n";
    out_ += "when." + fact_ + " = " + TomlValues(rule.when, false) + "\n";
    if (!rule.also.empty()) out_ += "when.any = [{ " + fact_ + " = " + TomlValues(rule.also, true) + " }]\n";
    if (!rule.unless.empty()) out_ += "unless." + fact_ + " = " + TomlValues(rule.unless, false) + "\n";
    out_ += "action = \"" + std::string(NameOf(rule.outcome)) + "\"\n";
    if (!rule.reply.empty()) out_ += "reply = " + TomlString(rule.reply) + "\n";
  }

  const TableName& table_;
  std::string name_, fact_, out_;
  std::map<std::uint32_t, unsigned> written_;  // rules by the line they come from
};

int Report(Error error, ErrorKind kind) {
  error.kind = kind;
  return PrintDiagnostics({{Severity::kError, std::move(error), ""}});
}

}  // namespace

int RunImport(const ImportOptions& options) {
  const auto table = NameOfTable(options.table);
  if (!table.ok()) return Report(table.error(), ErrorKind::kUsage);
  const bool named =
      !options.name.empty() && options.name.size() <= kMaxName && std::ranges::all_of(options.name, IsNameCharacter);
  if (!options.name.empty() && !named) {
    return Report({ErrorKind::kUsage, "--name is made of 1 to 40 of a-z 0-9 - _ .", {}}, ErrorKind::kUsage);
  }
  SourceFiles sources;
  const auto file = sources.Read(table.value().path);
  if (!file.ok()) return Report(file.error(), ErrorKind::kNoInput);
  const PostfixTable read = ReadPostfixTable(table.value().kind, file.value()->text, file.value()->path);
  const TableRules imported = RulesOf(read);
  for (const Error& note : imported.notes) PrintDiagnostics({{Severity::kWarning, note, ""}});
  for (const Error& left : imported.left) PrintDiagnostics({{Severity::kError, left, ""}});
  Writer writer(table.value(), named ? options.name : NameFrom(table.value().path));
  const int written = PrintOut(writer.Run(imported));
  return written != 0 ? written : imported.left.empty() ? 0 : kExitLeftOver;
}

}  // namespace heloguard
