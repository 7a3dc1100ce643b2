// SPF in a few lines of a zone: "NAME TYPE DATA", TXT to the end of the line, or TIMEOUT, SERVFAIL, BOGUS, NODATA in
// place of data. What no line answers is NODATA where the name has another line, else NXDOMAIN.
#pragma once

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "dns_text.h"
#include "heloguard/dns/lookup.h"
#include "heloguard/dns/spf.h"

namespace heloguard::testing {

class SpfZone {
 public:
  explicit SpfZone(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) AddLine(line);
  }

  void Hide(const DnsQuestion& question, DnsStatus status) { records_[question] = End(status); }

  [[nodiscard]] DnsAnswer Look(const DnsQuestion& question) const {
    if (const auto it = records_.find(question); it != records_.end()) return it->second;
    return End(names_.contains(question.name) ? DnsStatus::kNoData : DnsStatus::kNxDomain);
  }

  struct Outcome {
    SpfEvaluation evaluation;
    std::vector<DnsQuestion> asked;
    std::size_t rounds = 0;
  };
  // Asks what is wanted, round after round.
  [[nodiscard]] Outcome Evaluate(std::string_view client, std::string_view helo) const {
    Outcome outcome;
    DnsAnswers book;
    for (; outcome.rounds < 1'000; ++outcome.rounds) {
      outcome.evaluation = EvaluateSpf({Ip(client), Name(helo)}, book);
      if (outcome.evaluation.questions.empty()) break;
      for (const DnsQuestion& question : outcome.evaluation.questions) {
        outcome.asked.push_back(question);
        book.Set(question, Look(question));
      }
    }
    return outcome;
  }
  // The result's word, "unknown" without one.
  [[nodiscard]] std::string Result(std::string_view client, std::string_view helo) const {
    const auto result = Evaluate(client, helo).evaluation.result;
    return result ? std::string(NameOf(*result)) : "unknown";
  }
  // "TXT mail.example.com, A mail.example.com"
  [[nodiscard]] std::string Asked(std::string_view client, std::string_view helo) const {
    std::string text;
    for (const DnsQuestion& question : Evaluate(client, helo).asked) {
      text += (text.empty() ? "" : ", ") + std::string(NameOf(question.type)) + " " + question.name.ToText();
    }
    return text;
  }

 private:
  void AddLine(const std::string& line) {
    std::istringstream words(line);
    std::string owner;
    std::string type;
    if (!(words >> owner >> type)) return;
    std::string data;
    std::getline(words >> std::ws, data);
    const bool reverse = type == "PTR" && IpAddress::Parse(owner).has_value();
    const DomainName name = reverse ? DomainName::Reverse(Ip(owner)) : Name(owner);
    names_.insert(name);
    Add({name, TypeOf(type)}, data);
  }
  static RecordType TypeOf(std::string_view word) {
    for (const RecordType type : {RecordType::kA, RecordType::kPtr, RecordType::kMx, RecordType::kTxt}) {
      if (NameOf(type) == word) return type;
    }
    return RecordType::kAaaa;
  }
  void Add(const DnsQuestion& question, const std::string& data) {
    static const std::map<std::string, DnsStatus> kEnds{{"TIMEOUT", DnsStatus::kTimeout},
                                                        {"SERVFAIL", DnsStatus::kServFail},
                                                        {"BOGUS", DnsStatus::kBogus},
                                                        {"NODATA", DnsStatus::kNoData}};
    if (const auto end = kEnds.find(data); end != kEnds.end()) {
      records_[question] = End(end->second);
      return;
    }
    DnsAnswer& answer = records_[question];
    answer = answer.data.empty() ? Data({}) : answer;
    answer.data.push_back(RecordOf(question.type, data));
  }
  static DnsRecord RecordOf(RecordType type, const std::string& data) {
    switch (type) {
      case RecordType::kA:
      case RecordType::kAaaa:
        return Ip(data);
      case RecordType::kPtr:
        return Name(data);
      case RecordType::kMx: {
        const std::size_t blank = data.find(' ');
        return MxRecord{static_cast<std::uint16_t>(std::stoul(data.substr(0, blank))), Name(data.substr(blank + 1))};
      }
      case RecordType::kTxt:
        break;
    }
    return TxtRecord{data};
  }

  std::map<DnsQuestion, DnsAnswer> records_;
  std::set<DomainName> names_;
};

}  // namespace heloguard::testing
