// "dns" lines of a .cases file: NAME TYPE DATA [STATE] or NAME TYPE STATUS [STATE]. Pure.
// Tests: tests/unit/adapters/cases/cases_reader_test.cc.
#include <algorithm>
#include <charconv>
#include <tuple>

#include "adapters/cases/cases_reader.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

constexpr std::array<std::string_view, 5> kTypeWords{"A", "AAAA", "PTR", "MX", "TXT"};
constexpr std::array<RecordType, 5> kTypes{RecordType::kA, RecordType::kAaaa, RecordType::kPtr, RecordType::kMx,
                                           RecordType::kTxt};

// Words that stand in place of data.
struct StatusWord {
  std::string_view word;
  DnsStatus status;
  Dnssec dnssec;  // unless the line says otherwise
};
constexpr std::array<StatusWord, 5> kStatusWords{{{"NXDOMAIN", DnsStatus::kNxDomain, Dnssec::kInsecure},
                                                  {"NODATA", DnsStatus::kNoData, Dnssec::kInsecure},
                                                  {"SERVFAIL", DnsStatus::kServFail, Dnssec::kIndeterminate},
                                                  {"TIMEOUT", DnsStatus::kTimeout, Dnssec::kIndeterminate},
                                                  {"BOGUS", DnsStatus::kBogus, Dnssec::kBogus}}};

constexpr std::uint32_t kTtl = 300;  // plays no part in judging

std::optional<DnsQuestion> ReadQuestion(CaseLine* line) {
  const std::string* owner = line->Need("the name or address asked for");
  if (owner == nullptr) return std::nullopt;
  const SourcePosition owner_where = line->here();
  const auto address = IpAddress::Parse(*owner);
  const auto name = DomainName::FromText(*owner);
  if (!name && !address) {
    line->Fail(Quoted(*owner) + " is neither a name nor an address");
    return std::nullopt;
  }
  const std::string* type = line->Need("a record type (A, AAAA, PTR, MX or TXT)");
  if (type == nullptr) return std::nullopt;
  const auto* found = std::ranges::find(kTypeWords, std::string_view(*type));
  if (found == kTypeWords.end()) {
    line->Fail(Quoted(*type) + " is no record type; A, AAAA, PTR, MX and TXT are" + DidYouMean(*type, kTypeWords));
    return std::nullopt;
  }
  const RecordType record = kTypes[static_cast<std::size_t>(found - kTypeWords.begin())];
  const bool reverse = record == RecordType::kPtr && address.has_value();
  if (!reverse && (!name || address)) {
    line->FailAt(owner_where, Quoted(*owner) + " is an address: only PTR is asked for by address");
    return std::nullopt;
  }
  return DnsQuestion{reverse ? DomainName::Reverse(address->Unmapped()) : *name, record};
}

std::optional<DnsRecord> ReadAddress(CaseLine* line, const std::string& text, bool v4) {
  const auto address = IpAddress::Parse(text);
  if (address && address->is_v4() == v4) return DnsRecord(*address);
  line->Fail(Quoted(text) + (v4 ? " is no IPv4 address" : " is no IPv6 address"));
  return std::nullopt;
}

std::optional<DnsRecord> ReadMx(CaseLine* line, const std::string& text) {
  MxRecord mx;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mx.preference);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    line->Fail(Quoted(text) + " is no preference; an MX is written 10 mail.example.com, a null MX 0 .");
    return std::nullopt;
  }
  const std::string* exchange = line->Need("the name of the mail server");
  if (exchange == nullptr) return std::nullopt;
  const auto name = DomainName::FromText(*exchange);
  if (!name) {
    line->Fail(Quoted(*exchange) + " is no name");
    return std::nullopt;
  }
  mx.exchange = *name;
  return DnsRecord(mx);
}

std::optional<DnsRecord> ReadRecord(CaseLine* line, RecordType type) {
  const std::string& text = line->Take();
  switch (type) {
    case RecordType::kA:
    case RecordType::kAaaa:
      return ReadAddress(line, text, type == RecordType::kA);
    case RecordType::kMx:
      return ReadMx(line, text);
    case RecordType::kTxt:
      return DnsRecord(TxtRecord{text});
    case RecordType::kPtr:
      break;
  }
  if (const auto name = DomainName::FromText(text)) return DnsRecord(*name);
  line->Fail(Quoted(text) + " is no name");
  return std::nullopt;
}

// Fills status and data; false if the line is wrong.
bool ReadData(CaseLine* line, RecordType type, DnsAnswer* answer) {
  if (line->done()) return line->Need("a record, or NXDOMAIN, NODATA, SERVFAIL, TIMEOUT or BOGUS") != nullptr;
  const auto* word = std::ranges::find(kStatusWords, std::string_view(line->Peek()), &StatusWord::word);
  if (word != kStatusWords.end()) {
    static_cast<void>(line->Take());
    answer->status = word->status;
    answer->dnssec = word->dnssec;
    return true;
  }
  const auto record = ReadRecord(line, type);
  if (!record) return false;
  answer->status = DnsStatus::kAnswer;
  answer->dnssec = Dnssec::kInsecure;
  answer->data = {*record};
  return true;
}

bool ReadState(CaseLine* line, Dnssec* dnssec) {
  if (line->done()) return true;
  const std::string& word = line->Take();
  const auto state = FromName<Dnssec>(word);
  if (!state) {
    line->Fail(Quoted(word) + " is no DNSSEC state; secure, insecure, bogus and indeterminate are" +
               DidYouMean(word, EnumNames<Dnssec>));
    return false;
  }
  *dnssec = *state;
  return true;
}

// A resolver withholds bogus data, so an answer that is bogus has none.
bool Settle(CaseLine* line, DnsAnswer* answer) {
  answer->ttl = kTtl;
  if (answer->dnssec != Dnssec::kBogus || answer->status == DnsStatus::kBogus) return true;
  line->Fail("bogus data is never handed out: write BOGUS in place of the record");
  return false;
}

bool RecordLess(const DnsRecord& a, const DnsRecord& b) {
  const auto* mx_a = std::get_if<MxRecord>(&a);
  const auto* mx_b = std::get_if<MxRecord>(&b);
  if (mx_a != nullptr && mx_b != nullptr) {
    return std::tie(mx_a->preference, mx_a->exchange) < std::tie(mx_b->preference, mx_b->exchange);
  }
  if (std::holds_alternative<IpAddress>(a) && std::holds_alternative<IpAddress>(b)) {
    return *std::get_if<IpAddress>(&a) < *std::get_if<IpAddress>(&b);
  }
  if (std::holds_alternative<DomainName>(a) && std::holds_alternative<DomainName>(b)) {
    return *std::get_if<DomainName>(&a) < *std::get_if<DomainName>(&b);
  }
  if (std::holds_alternative<TxtRecord>(a) && std::holds_alternative<TxtRecord>(b)) {
    return std::get_if<TxtRecord>(&a)->text < std::get_if<TxtRecord>(&b)->text;
  }
  return a.index() < b.index();
}

// Records of one name and type add up; anything else said twice contradicts itself.
void AddAnswer(CaseLine* line, ScriptedAnswer scripted, std::vector<ScriptedAnswer>* dns) {
  const auto at = std::ranges::lower_bound(*dns, scripted.question, {}, &ScriptedAnswer::question);
  if (at == dns->end() || at->question != scripted.question) {
    dns->insert(at, std::move(scripted));
    return;
  }
  const std::string earlier = "line " + std::to_string(at->line);
  if (at->answer.status != DnsStatus::kAnswer || scripted.answer.status != DnsStatus::kAnswer) {
    return line->Fail(earlier + " answers the same question already");
  }
  if (at->answer.dnssec != scripted.answer.dnssec) {
    return line->Fail("records of one name and type have one DNSSEC state: on " + earlier + " it is " +
                      std::string(NameOf(at->answer.dnssec)));
  }
  const DnsRecord& record = scripted.answer.data.front();
  auto& data = at->answer.data;
  if (std::ranges::find(data, record) == data.end()) {
    data.insert(std::ranges::upper_bound(data, record, RecordLess), record);
  }
}

}  // namespace

void ReadDnsLine(CaseLine* line, CasesFile* file) {
  const auto question = ReadQuestion(line);
  if (!question) return;
  ScriptedAnswer scripted;
  scripted.question = *question;
  scripted.line = line->here().line;
  if (!ReadData(line, question->type, &scripted.answer)) return;
  if (!ReadState(line, &scripted.answer.dnssec)) return;
  if (!Settle(line, &scripted.answer)) return;
  AddAnswer(line, std::move(scripted), &file->dns);
}

}  // namespace heloguard
