// The chain of lookups as a tree: the PTR question, beneath it each name with its addresses, then the HELO name, then
// what its SPF record leads to. Judges nothing. A name is octets of anybody's choice: it leaves escaped, and a long
// list is cut.
// Tests: tests/cli/live_test.py.
#include "app/check/check_dns.h"

#include <algorithm>
#include <vector>

#include "heloguard/judge/diagnosis.h"

namespace heloguard {
namespace {

constexpr std::size_t kTypeWidth = 6;
constexpr std::size_t kMaxLines = 20;  // of one record set

class Chain {
 public:
  Chain(const SessionReport& report, Colour colour) : report_(report), colour_(colour) {}

  std::string Print() {
    if (report_.inputs.client) PrintReverse({DomainName::Reverse(*report_.inputs.client), RecordType::kPtr});
    if (report_.inputs.helo && report_.inputs.helo->domain) PrintHelo(*report_.inputs.helo->domain);
    for (const auto& [question, answer] : report_.answers.entries()) PrintLookup(question, 2);
    return std::move(out_);
  }

 private:
  // Null if it was not looked up.
  [[nodiscard]] const DnsAnswer* Find(const DnsQuestion& question) const {
    return report_.answers.FindAsked(question);
  }
  [[nodiscard]] std::string Paint(const std::string& text, std::string_view code) const {
    return Painted(text, code, colour_);
  }
  [[nodiscard]] bool IsClient(const DnsRecord& record) const {
    return report_.inputs.client && record == DnsRecord(*report_.inputs.client);
  }
  void Line(std::size_t indent, const std::string& text) { out_ += std::string(indent, ' ') + text + "\n"; }

  void PrintReverse(const DnsQuestion& ptr) {
    const DnsAnswer* answer = Find(ptr);
    if (answer == nullptr) return;
    PrintQuestion(ptr, *answer, 2);
    const RecordType type = AddressTypeFor(*report_.inputs.client);
    std::size_t skipped = 0;
    std::size_t shown = 0;
    for (const DomainName& name : report_.judgement.rdns.ptr_names) {
      const bool looked_up = Find({name, type}) != nullptr;
      if (!looked_up && shown >= kMaxLines) {
        ++skipped;
        continue;
      }
      ++shown;
      PrintName(name, {name, type}, 2 + kTypeWidth);
      PrintLookup({name, type}, 4 + kTypeWidth);
    }
    if (skipped > 0) Line(2 + kTypeWidth, "and " + std::to_string(skipped) + " more, not looked up");
  }

  void PrintHelo(const DomainName& helo) {
    const std::vector<RecordType> types{RecordType::kA, RecordType::kAaaa, RecordType::kMx, RecordType::kTxt};
    if (std::ranges::none_of(types, [&](RecordType type) { return Find({helo, type}) != nullptr; })) return;
    out_ += "  " + Padded("HELO", kTypeWidth);
    const bool known_client = report_.inputs.client.has_value();
    PrintName(helo, {helo, known_client ? AddressTypeFor(*report_.inputs.client) : RecordType::kA}, 0);
    for (const RecordType type : types) PrintLookup({helo, type}, 4 + kTypeWidth);
  }

  // A name and whether its addresses hold the client's.
  void PrintName(const DomainName& name, const DnsQuestion& forward, std::size_t indent) {
    Line(indent, ToText(DnsRecord(name)) + "  " + Mark(forward));
  }
  [[nodiscard]] std::string Mark(const DnsQuestion& forward) const {
    const DnsAnswer* answer = Find(forward);
    if (answer == nullptr) return Paint("not looked up", Ink::kWarn);
    if (IsTransient(answer->status)) return Paint("no usable answer", Ink::kWarn);
    if (std::ranges::any_of(answer->data, [&](const DnsRecord& record) { return IsClient(record); })) {
      return Paint("leads to the client", Ink::kGood);
    }
    if (!answer->data.empty()) return Paint("leads elsewhere", Ink::kWarn);
    if (answer->status == DnsStatus::kNxDomain) return Paint("does not exist", Ink::kBad);
    return Paint(forward.type == RecordType::kA ? "has no IPv4 address" : "has no IPv6 address", Ink::kBad);
  }

  // A lookup that stands above already is only named.
  void PrintLookup(const DnsQuestion& question, std::size_t indent) {
    const DnsAnswer* answer = Find(question);
    if (answer == nullptr) return;
    if (std::ranges::find(printed_, question) == printed_.end()) {
      PrintQuestion(question, *answer, indent);
      PrintRecords(*answer, indent + kTypeWidth);
    } else if (indent > 2) {
      Line(indent, Padded(std::string(NameOf(question.type)), kTypeWidth) + Paint("as above", Ink::kDim));
    }
  }

  void PrintQuestion(const DnsQuestion& question, const DnsAnswer& answer, std::size_t indent) {
    printed_.push_back(question);
    Line(indent, Padded(std::string(NameOf(question.type)), kTypeWidth) + ToText(DnsRecord(question.name)) + "  " +
                     Paint(std::string(NameOf(answer.status)), IsTransient(answer.status) ? Ink::kWarn : Ink::kBold) +
                     "  " + std::string(NameOf(answer.dnssec)) + "  ttl " + std::to_string(answer.ttl) + "  " +
                     MillisecondsText(answer.elapsed));
    if (!answer.why.empty()) Line(indent + kTypeWidth, "because: " + Written(answer.why));
  }

  // The client's own address is shown whatever the length of the list.
  void PrintRecords(const DnsAnswer& answer, std::size_t indent) {
    std::size_t shown = 0;
    for (const DnsRecord& record : answer.data) {
      if (shown >= kMaxLines && !IsClient(record)) continue;
      ++shown;
      Line(indent, ToText(record) + (IsClient(record) ? "  " + Paint("<- the client", Ink::kGood) : ""));
    }
    if (shown < answer.data.size()) Line(indent, "and " + std::to_string(answer.data.size() - shown) + " more");
  }

  const SessionReport& report_;
  const Colour colour_;
  std::vector<DnsQuestion> printed_;
  std::string out_;
};

std::string Findings(const SessionReport& report, Colour colour) {
  std::string lines;
  for (const Finding& finding : Diagnose({report.inputs, report.answers, report.judgement.rdns})) {
    switch (finding.kind) {
      case Finding::Kind::kWrong:
        lines += Painted("  ! ", Ink::kBad, colour);
        break;
      case Finding::Kind::kUnclear:
        lines += Painted("  ? ", Ink::kWarn, colour);
        break;
      case Finding::Kind::kAdvice:
        lines += "  - ";
        break;
    }
    lines += finding.text + "\n";
  }
  return lines;
}

}  // namespace

DnsText DnsTextOf(const SessionReport& report, Colour colour) {
  const auto& entries = report.answers.entries();
  const auto asked = std::ranges::count_if(
      entries, [](const DnsAnswers::Entry& entry) { return entry.answer.status != DnsStatus::kNotAsked; });
  if (asked == 0) return {"dns", "  (nothing was looked up)\n", ""};
  std::string title = "dns (" + std::to_string(asked) + (asked == 1 ? " lookup, " : " lookups, ") +
                      MillisecondsText(report.dns_elapsed) + ")";
  return {std::move(title), Chain(report, colour).Print(), Findings(report, colour)};
}

}  // namespace heloguard
