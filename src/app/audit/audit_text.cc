// Prints an audit: a table of checks, sentences on what to put right, and records in the form of a zone file. Judges
// nothing. Tests: tests/cli/audit_test.py.
#include "app/audit/audit_text.h"

#include <algorithm>

namespace heloguard {
namespace {

constexpr std::size_t kResultWidth = 9;
constexpr std::size_t kLabelWidth = 11;
constexpr std::size_t kDnssecWidth = 15;

std::string_view ColourOf(CheckResult result) {
  switch (result) {
    case CheckResult::kPass:
      return Ink::kGood;
    case CheckResult::kUnknown:
    case CheckResult::kWarn:
      return Ink::kWarn;
    case CheckResult::kFail:
      return Ink::kBad;
  }
  return Ink::kDim;
}

std::string_view ColourOf(Dnssec state) {
  switch (state) {
    case Dnssec::kSecure:
      return Ink::kGood;
    case Dnssec::kBogus:
      return Ink::kBad;
    case Dnssec::kInsecure:
    case Dnssec::kIndeterminate:
      return Ink::kDim;
  }
  return Ink::kDim;
}

std::string_view Mark(CheckResult result) {
  return result == CheckResult::kFail ? "!" : result == CheckResult::kWarn ? "-" : "?";
}

class Page {
 public:
  Page(const AuditReport& report, Colour colour) : report_(report), colour_(colour) {}

  std::string Print() {
    out_ += Paint(report_.name, Ink::kBold) + "\n";
    for (const CheckSection& section : report_.sections) PrintSection(section);
    if (report_.left_out > 0) out_ += "\n" + std::to_string(report_.left_out) + " more addresses were not looked at\n";
    PrintAdvice();
    PrintRecords();
    PrintSummary();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string Paint(const std::string& text, std::string_view code) const {
    return Painted(text, code, colour_);
  }
  void Heading(const std::string& title) { out_ += "\n" + Paint(title, Ink::kBold) + "\n"; }

  void PrintSection(const CheckSection& section) {
    Heading(section.title);
    for (const CheckRow& row : section.rows) PrintRow(row);
  }

  void PrintRow(const CheckRow& row) {
    constexpr std::size_t kTextColumn = 2 + kResultWidth + kLabelWidth + kDnssecWidth;
    const std::string label = row.answered ? row.answered->policy : std::string(NameOf(row.check));
    const std::string dnssec = row.dnssec ? std::string(NameOf(*row.dnssec)) : "";
    out_ += "  " + Paint(Padded(std::string(NameOf(row.result)), kResultWidth), ColourOf(row.result)) +
            Padded(label, kLabelWidth - 1) + " " +
            (row.dnssec ? Paint(Padded(dnssec, kDnssecWidth), ColourOf(*row.dnssec)) : Padded("", kDnssecWidth)) +
            Wrapped(row.text, kPageWidth, kTextColumn) + "\n";
    if (row.answered) PrintReply(row.answered->reply, kTextColumn);
  }

  // Of several lines, as an MTA sends it.
  void PrintReply(std::string_view reply, std::size_t indent) {
    while (!reply.empty()) {
      const std::size_t end = std::min(reply.find('\n'), reply.size());
      std::string_view line = reply.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      out_ += std::string(indent, ' ') + Wrapped(line, kPageWidth, indent) + "\n";
      reply.remove_prefix(std::min(end + 1, reply.size()));
    }
  }

  // The same sentence may be true of several checks; it is told once, where it weighs most.
  void PrintAdvice() {
    std::vector<std::string> told;
    std::string lines;
    for (const CheckResult result : {CheckResult::kFail, CheckResult::kWarn, CheckResult::kUnknown}) {
      for (const CheckRow& row : Rows()) {
        if (row.result != result) continue;
        for (const std::string& advice : row.advice) {
          if (std::ranges::find(told, advice) != told.end()) continue;
          told.push_back(advice);
          lines +=
              "  " + Paint(std::string(Mark(result)), ColourOf(result)) + " " + Wrapped(advice, kPageWidth, 4) + "\n";
        }
      }
    }
    if (lines.empty()) return;
    Heading("what to put right");
    out_ += lines;
  }

  void PrintRecords() {
    constexpr std::size_t kMaxNameWidth = 40;
    constexpr std::size_t kTypeWidth = 6;
    std::vector<ZoneLine> lines;
    std::size_t width = 0;
    for (const CheckRow& row : Rows()) {
      for (const ZoneLine& line : row.publish) {
        if (std::ranges::find(lines, line) != lines.end()) continue;
        lines.push_back(line);
        width = std::max(width, NameText(line).size());
      }
    }
    if (lines.empty()) return;
    std::stable_partition(lines.begin(), lines.end(),
                          [](const ZoneLine& line) { return line.record.type != RecordType::kPtr; });
    width = std::min(width, kMaxNameWidth);
    Heading("records to publish (PTR and TXT \"v=spf1\" in place of what is there)");
    for (const ZoneLine& line : lines) {
      out_ += "  " + Padded(NameText(line), width + 2) + Padded(std::string(NameOf(line.record.type)), kTypeWidth) +
              line.data;
      out_ +=
          line.record.type == RecordType::kPtr ? Paint("  ; whoever runs the address block", Ink::kDim) + "\n" : "\n";
    }
  }

  void PrintSummary() {
    std::string text;
    for (const CheckResult result :
         {CheckResult::kFail, CheckResult::kWarn, CheckResult::kUnknown, CheckResult::kPass}) {
      const std::size_t count = CountOf(report_, result);
      if (count == 0) continue;
      text += (text.empty() ? "" : ", ") +
              Paint(std::to_string(count) + " " + std::string(NameOf(result)), ColourOf(result));
    }
    out_ += "\n" + text + "\n";
  }

  [[nodiscard]] std::vector<CheckRow> Rows() const {
    std::vector<CheckRow> rows;
    for (const CheckSection& section : report_.sections)
      rows.insert(rows.end(), section.rows.begin(), section.rows.end());
    return rows;
  }
  [[nodiscard]] static std::string NameText(const ZoneLine& line) { return ToText(DnsRecord(line.record.name)); }

  const AuditReport& report_;
  const Colour colour_;
  std::string out_;
};

}  // namespace

std::string AuditText(const AuditReport& report, Colour colour) { return Page(report, colour).Print(); }

}  // namespace heloguard
