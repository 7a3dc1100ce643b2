// DNS values: their words and their text. Knows nothing of packets or of who answers.
// Tests: tests/unit/core/dns/lookup_test.cc.
#include "heloguard/dns/dns.h"

#include <algorithm>

#include "heloguard/base/escape.h"

namespace heloguard {

std::string_view NameOf(RecordType type) {
  switch (type) {
    case RecordType::kA:
      return "A";
    case RecordType::kPtr:
      return "PTR";
    case RecordType::kMx:
      return "MX";
    case RecordType::kTxt:
      return "TXT";
    case RecordType::kAaaa:
      return "AAAA";
  }
  return "?";
}

namespace {

// A quote inside is written \x22, as `.cases` files write it.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : EscapeBytes(text)) {
    if (c == '"') {
      quoted += "\\x22";
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

std::string ToText(const DnsRecord& record) {
  if (const auto* address = std::get_if<IpAddress>(&record)) return address->ToString();
  if (const auto* name = std::get_if<DomainName>(&record)) return name->empty() ? "." : name->ToText() + ".";
  if (const auto* txt = std::get_if<TxtRecord>(&record)) return Quoted(txt->text);
  const auto& mx = *std::get_if<MxRecord>(&record);
  return std::to_string(mx.preference) + " " + (mx.exchange.empty() ? "." : mx.exchange.ToText() + ".");
}

bool IsTransient(DnsStatus status) {
  switch (status) {
    case DnsStatus::kTimeout:
    case DnsStatus::kServFail:
    case DnsStatus::kBogus:
      return true;
    case DnsStatus::kAnswer:
    case DnsStatus::kNoData:
    case DnsStatus::kNxDomain:
    case DnsStatus::kNotAsked:
      return false;
  }
  return false;
}

void DnsAnswers::Set(DnsQuestion question, DnsAnswer answer) {
  const auto it = std::ranges::find(entries_, question, &Entry::question);
  if (it != entries_.end()) {
    it->answer = std::move(answer);
  } else {
    entries_.push_back({std::move(question), std::move(answer)});
  }
}

const DnsAnswer* DnsAnswers::Find(const DnsQuestion& question) const {
  const auto it = std::ranges::find(entries_, question, &Entry::question);
  return it == entries_.end() ? nullptr : &it->answer;
}

const DnsAnswer* DnsAnswers::FindAsked(const DnsQuestion& question) const {
  const DnsAnswer* answer = Find(question);
  return answer == nullptr || answer->status == DnsStatus::kNotAsked ? nullptr : answer;
}

}  // namespace heloguard
