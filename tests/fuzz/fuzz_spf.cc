// Any bytes as an SPF record, as a domain-spec, and as the zone that a record leads into: no crash, every text is a
// record or has a fault inside it, evaluation ends within its limits, and what is hidden never makes a fail.
//
// The bytes up to the first line feed are the record of the HELO name; every further line is one of the other answers,
// dealt out in the order in which they are asked for.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsPlain(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

const IpAddress kClient = IpAddress::V4({192, 0, 2, 7});

void TryText(std::string_view text) {
  const auto record = ParseSpfRecord(text);
  if (!record.ok()) {
    Require(record.error().where.column >= 1 && record.error().where.column <= text.size() + 1);
    Require(!record.error().message.empty() && IsPlain(record.error().message));
    return;
  }
  const auto helo = DomainName::FromText("mail.example.com");
  for (const SpfTerm& term : record.value().terms) {
    Require(term.prefix_v4 <= 32 && term.prefix_v6 <= 128);
    if (!term.domain.empty()) Require(!CheckSpfDomainSpec(term.domain));
    const std::string expanded = ExpandSpfMacros(term.domain, {kClient, *helo, *helo, "unknown"});
    const auto target = SpfTargetName(expanded);
    if (target) Require(!target->empty() && target->ToWire().size() <= 255);
  }
}

// The answer to the question that is asked as the n-th.
DnsAnswer Dealt(const DnsQuestion& question, std::string_view line) {
  DnsAnswer answer;
  answer.status = DnsStatus::kAnswer;
  const unsigned choice = line.empty() ? 0 : static_cast<unsigned char>(line.front());
  if (choice % 4 == 1 || line.empty()) {
    answer.status = choice % 8 == 1 ? DnsStatus::kNoData : DnsStatus::kNxDomain;
    return answer;
  }
  const auto name = DomainName::FromText(line.substr(0, 40));
  switch (question.type) {
    case RecordType::kA:
      answer.data.emplace_back(choice % 2 == 0 ? kClient : IpAddress::V4({192, 0, 2, 9}));
      break;
    case RecordType::kAaaa:
      answer.data.emplace_back(IpAddress());
      break;
    case RecordType::kPtr:
      answer.data.emplace_back(name.value_or(question.name));
      break;
    case RecordType::kMx:
      for (unsigned i = 0; i <= choice % 12; ++i) {
        answer.data.emplace_back(MxRecord{static_cast<std::uint16_t>(i), name.value_or(question.name)});
      }
      break;
    case RecordType::kTxt:
      answer.data.emplace_back(TxtRecord{std::string(line)});
      break;
  }
  return answer;
}

struct Ended {
  SpfEvaluation evaluation;
  std::size_t asked = 0;
};

// `hidden`: that question times out; none for a large number.
Ended Evaluate(const std::vector<std::string_view>& lines, std::size_t hidden) {
  const auto helo = DomainName::FromText("mail.example.com");
  Ended ended;
  DnsAnswers book;
  while (true) {
    ended.evaluation = EvaluateSpf({kClient, *helo}, book);
    if (ended.evaluation.questions.empty()) return ended;
    for (const DnsQuestion& question : ended.evaluation.questions) {
      DnsAnswer answer = Dealt(question, lines[ended.asked % lines.size()]);
      if (ended.asked == hidden) answer = {DnsStatus::kTimeout, Dnssec::kIndeterminate, {}, 0, {}, ""};
      book.Set(question, std::move(answer));
      ++ended.asked;
    }
    Require(ended.asked <= 1 + kMaxSpfLookupTerms * (2 + kMaxSpfNames));
  }
}

void TryZone(std::string_view text) {
  std::vector<std::string_view> lines;
  while (lines.size() < 40) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  const Ended whole = Evaluate(lines, SIZE_MAX);
  Require(whole.evaluation.result.has_value() && IsPlain(whole.evaluation.why));
  // The last question: the answers before it are dealt out as they were.
  const Ended fewer = Evaluate(lines, whole.asked - 1);
  Require(fewer.evaluation.result != SpfResult::kFail || whole.evaluation.result == SpfResult::kFail);
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  heloguard::TryText(text.substr(0, text.find('\n')));
  heloguard::TryZone(text);
  return 0;
}
