// The world of a session made of bytes: a zone that is drawn as it is asked for, a resolver that hides part of it, and
// what the sessions tell.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dns_text.h"
#include "engine/drive/simulated_services.h"
#include "heloguard/session_report.h"

namespace heloguard {

// abort(), unlike assert(), in release builds too. Says where: there are many that look alike.
inline void Require(bool holds, int line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "what line %d requires does not hold\n", line);
  std::abort();
}

// Bytes one by one; 0 when there are no more.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  unsigned Next() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  [[nodiscard]] std::string_view Rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

inline constexpr std::array<std::string_view, 6> kClients{"192.0.2.7", "198.51.100.9", "2001:db8::7",
                                                          "10.1.1.1",  "192.0.2.200",  "203.0.113.5"};
inline constexpr std::array<std::string_view, 12> kHelos{"mail.example.org",
                                                         "host.example.net",
                                                         "192.0.2.7",
                                                         "[192.0.2.7]",
                                                         "localhost",
                                                         "nodots",
                                                         "mx.ours.example",
                                                         "DESKTOP-UPCFNQM",
                                                         "",
                                                         "192-0-2-7.dyn.example.net",
                                                         "bad_name-.org",
                                                         "deep.down.example"};

// All there is in DNS. What a question is answered is drawn from three bytes when it is asked for the first time, by
// whomever; later askers get the same. Without bytes nothing exists.
class FuzzedZone {
 public:
  struct Line {
    DnsAnswer answer;
    std::chrono::milliseconds after{};
  };

  explicit FuzzedZone(std::string_view bytes) : bytes_(bytes) {}

  const Line& Of(const DnsQuestion& question) {
    const auto [entry, fresh] = lines_.try_emplace(question);
    if (fresh) entry->second = Draw(question);
    return entry->second;
  }

 private:
  Line Draw(const DnsQuestion& question) {
    Line line;
    if (bytes_.Rest().empty()) {
      line.answer = testing::End(DnsStatus::kNxDomain);
      return line;
    }
    const unsigned kind = bytes_.Next() % 16;
    const unsigned what = bytes_.Next();
    const unsigned how = bytes_.Next();
    constexpr std::array kEnds{DnsStatus::kNxDomain, DnsStatus::kNoData,  DnsStatus::kNxDomain, DnsStatus::kNoData,
                               DnsStatus::kServFail, DnsStatus::kTimeout, DnsStatus::kBogus};
    line.answer = kind < 9 ? Records(question.type, what, kind >= 6) : testing::End(kEnds[kind - 9]);
    if (!IsTransient(line.answer.status)) line.answer.dnssec = how % 4 == 3 ? Dnssec::kSecure : Dnssec::kInsecure;
    line.answer.ttl = how % 8 == 5 ? 1 : 300;
    constexpr std::array<int, 4> kAfter{0, 1, 5, 40};  // milliseconds
    line.after = std::chrono::milliseconds(kAfter[how / 8 % 4]);
    return line;
  }

  static DnsAnswer Records(RecordType type, unsigned what, bool several) {
    std::vector<DnsRecord> records;
    const unsigned count = several ? 2 + what % 12 : 1;
    for (unsigned i = 0; i < count; ++i) records.push_back(Record(type, what + 5 * i));
    if (type == RecordType::kA || type == RecordType::kAaaa) {
      std::ranges::sort(records, {}, [](const DnsRecord& record) { return std::get<IpAddress>(record); });
    }
    if (type == RecordType::kPtr) {
      std::ranges::sort(records, {}, [](const DnsRecord& record) { return std::get<DomainName>(record); });
    }
    return testing::Data(std::move(records));
  }

  static DnsRecord Record(RecordType type, unsigned what) {
    constexpr std::array<std::string_view, 8> kNames{
        "mail.example.org", "host.example.net", "other.example.org", "192-0-2-7.dyn.example.net",
        "nodots",           "mx.ours.example",  "deep.down.example", "a.b.c.example.com"};
    constexpr std::array<std::string_view, 8> kTexts{
        "v=spf1 a -all",
        "v=spf1 mx ptr ~all",
        "v=spf1 include:other.example.org ?all",
        "v=spf1 exists:%{ir}.%{p}.example.com redirect=host.example.net",
        "v=spf1 ip4:192.0.2.0/24 -all",
        "unrelated",
        "v=spf1 include:mail.example.org include:host.example.net a mx -all",
        "v=spf1 broken:"};
    switch (type) {
      case RecordType::kA:
        return what % 3 == 0 ? testing::Ip("203.0.113.99") : testing::Ip(kClients[what / 3 % 2]);
      case RecordType::kAaaa:
        return testing::Ip(what % 2 == 0 ? "2001:db8::7" : "2001:db8::99");
      case RecordType::kPtr:
        return testing::Name(kNames[what % kNames.size()]);
      case RecordType::kMx:
        return MxRecord{10, what % 4 == 0 ? DomainName() : testing::Name(kNames[what % kNames.size()])};
      case RecordType::kTxt:
        break;
    }
    return TxtRecord{std::string(kTexts[what % kTexts.size()])};
  }

  Bytes bytes_;
  std::map<DnsQuestion, Line> lines_;
};

// Answers from the zone; or what comes of each question is told by one byte: it is answered all the same, never, too
// late, or by an end that says nothing.
class FuzzedResolver final : public Resolver {
 public:
  // Without bytes nothing is ever answered.
  struct Hiding {
    bool hides = false;
    std::string_view fates;
  };
  FuzzedResolver(FuzzedZone* zone, SimulatedServices* world, const Hiding& hiding)
      : zone_(*zone), world_(*world), hides_(hiding.hides), fates_(hiding.fates), fate_(fates_) {}

  void Ask(const DnsQuestion& question, Callback done) override {
    using std::chrono::milliseconds;
    const FuzzedZone::Line& line = zone_.Of(question);
    if (!hides_) return Answer(question, line.answer, line.after, std::move(done));
    if (fate_.Rest().empty()) fate_ = Bytes(fates_);
    switch (fates_.empty() ? 2 : fate_.Next() % 8) {
      case 0:
      case 1:
        return Answer(question, line.answer, line.after, std::move(done));
      case 2:
        return never_.push_back(std::move(done));
      case 3:
        return Answer(question, line.answer, milliseconds(4'001), std::move(done));
      case 4:
        return done(testing::End(DnsStatus::kServFail));
      case 5:
        return Answer(question, testing::End(DnsStatus::kTimeout), milliseconds(3'900), std::move(done));
      case 6:
        return done(testing::End(DnsStatus::kBogus));
      default:
        return Answer(question, line.answer, milliseconds(2'000), std::move(done));
    }
  }

  // No library leaves a question without an end.
  void End() {
    while (!never_.empty()) {
      const auto never = std::exchange(never_, {});
      for (const Callback& done : never) done(testing::End(DnsStatus::kTimeout));
    }
  }
  [[nodiscard]] bool AllEnded() const { return never_.empty(); }

 private:
  void Answer(const DnsQuestion& question, const DnsAnswer& answer, std::chrono::milliseconds after, Callback done) {
    if (after.count() == 0) return done(answer);
    world_.Script(question, answer, after);
    world_.Ask(question, std::move(done));
  }

  FuzzedZone& zone_;
  SimulatedServices& world_;
  const bool hides_;
  const std::string_view fates_;
  Bytes fate_;
  std::vector<Callback> never_;
};

}  // namespace heloguard
