// Reads back what src/adapters/log/decision_line.cc writes: the keys are its table's. The values were escaped there and
// are octets again here. Tests: tests/unit/adapters/maillog/heloguard/decision_line_reader_test.cc.
#include "adapters/maillog/heloguard/decision_line_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "adapters/maillog/frames/syslog_line.h"
#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"
#include "heloguard/policy/policy.h"

namespace heloguard {
namespace {

using Json = nlohmann::json;

// A line that is shorter has no value cut: the writer fills the line as far as it may, which is 1,024 octets.
constexpr std::size_t kMayBeCut = 960;

// A value's text as it stands in the line; nullopt for "-" and null.
using Text = std::optional<std::string_view>;

struct Reading {
  OwnLine line;
  bool may_be_cut = false;
  bool helo_cut = false;
};

void ReadSession(Text text, Reading* reading) { reading->line.session = text.value_or("").substr(0, kMaxLoggedText); }

void ReadClient(Text text, Reading* reading) {
  const auto address = text ? IpAddress::Parse(*text) : std::nullopt;
  if (address) reading->line.said.client = address->Unmapped();
}

void ReadPort(Text text, Reading* reading) {
  if (!text) return;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), port);
  if (error == std::errc() && end == text->data() + text->size()) reading->line.said.port = port;
}

void ReadHelo(Text text, Reading* reading) {
  if (!text) return;
  reading->helo_cut = reading->may_be_cut && text->ends_with("...");
  if (reading->helo_cut) return;
  reading->line.said.helo_known = HeloKnowledge::kSaid;
  reading->line.said.helo = UnescapeBytes(*text).substr(0, kMaxLoggedText);
}

// Stands behind helo. An empty HELO has no text, and a kind all the same.
void ReadKind(Text text, Reading* reading) {
  HeloKnowledge& known = reading->line.said.helo_known;
  if (!text || reading->helo_cut || known == HeloKnowledge::kSaid) return;
  known = text == NameOf(HeloKind::kMissing) ? HeloKnowledge::kNone : HeloKnowledge::kSaid;
}

void ReadRdns(Text text, Reading* reading) {
  if (text) reading->line.said.rdns.name = DomainName::FromText(UnescapeBytes(*text));
}
void ReadRdnsStatus(Text text, Reading* reading) {
  if (text) reading->line.said.rdns.status = FromName<RdnsStatus>(*text);
}
void ReadRdnsDnssec(Text text, Reading* reading) {
  if (text) reading->line.said.rdns_dnssec = FromName<Dnssec>(*text);
}
void ReadVerdict(Text text, Reading* reading) {
  if (text) reading->line.said.was = FromName<Outcome>(*text);
}
void ReadMode(Text text, Reading* reading) { reading->line.enforced = text != NameOf(Mode::kObserve); }
void ReadStage(Text text, Reading* reading) {
  const auto stage = text ? FromName<Stage>(*text) : std::nullopt;
  if (stage) reading->line.said.reached = *stage;
}
void ReadFrom(Text text, Reading* reading) {
  if (text) reading->line.said.from = UnescapeBytes(*text).substr(0, kMaxLoggedText);
}
void ReadTo(Text text, Reading* reading) {
  if (text) reading->line.said.to = UnescapeBytes(*text).substr(0, kMaxLoggedText);
}
void ReadExempt(Text text, Reading* reading) {
  if (text == "authenticated") reading->line.said.authenticated = true;
  reading->line.said.recipient_exempt = text == "recipient";
}

void ReadRepeated(Text text, Reading* reading) {
  if (text) std::from_chars(text->data(), text->data() + text->size(), reading->line.repeated);
}

struct Key {
  std::string_view name;
  void (*read)(Text text, Reading* reading);
};
// helo stands before kind.
constexpr std::array<Key, 15> kKeys{{{"session", ReadSession},
                                     {"client", ReadClient},
                                     {"port", ReadPort},
                                     {"helo", ReadHelo},
                                     {"kind", ReadKind},
                                     {"rdns", ReadRdns},
                                     {"rdns_status", ReadRdnsStatus},
                                     {"rdns_dnssec", ReadRdnsDnssec},
                                     {"verdict", ReadVerdict},
                                     {"mode", ReadMode},
                                     {"stage", ReadStage},
                                     {"from", ReadFrom},
                                     {"to", ReadTo},
                                     {"exempt", ReadExempt},
                                     {"repeated", ReadRepeated}}};

void ReadText(std::string_view rest, Reading* reading) {
  while (!rest.empty()) {
    const std::string_view word = TakeWord(&rest);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    const auto* const key = std::ranges::find(kKeys, word.substr(0, equals), &Key::name);
    if (key == kKeys.end()) continue;
    const std::string_view value = word.substr(equals + 1);
    key->read(value == "-" || value.empty() ? Text() : Text(value), reading);
  }
}

bool ReadJson(std::string_view text, Reading* reading) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.contains("candidate")) return false;
  for (const Key& key : kKeys) {
    const auto value = json.find(key.name);
    if (value == json.end()) continue;
    const std::string number = value->is_number_unsigned() ? value->dump() : "";
    if (value->is_string()) {
      key.read(value->get_ref<const std::string&>(), reading);
    } else {
      key.read(number.empty() ? Text() : Text(number), reading);
    }
  }
  return true;
}

// What the mail server did is told by a refusal alone: what heloguard accepts, others may refuse.
MtaOutcome MtaOutcomeOf(const OwnLine& line) {
  switch (*line.said.was) {
    case Outcome::kReject:
      return MtaOutcome::kRefused;
    case Outcome::kTempfail:
      return MtaOutcome::kDeferred;
    case Outcome::kAccept:
      return line.said.reached <= Stage::kHelo ? MtaOutcome::kNoMail : MtaOutcome::kUnknown;
  }
  return MtaOutcome::kUnknown;
}

// Under systemd stderr goes to the journal, which sets its own frame around ours.
std::string_view Unframed(std::string_view message) {
  constexpr std::string_view kLevel = " info ";
  constexpr std::size_t kMaxTime = 40;
  if (message.empty() || !IsDigit(message.front())) return message;
  const std::size_t at = message.substr(0, kMaxTime + kLevel.size()).find(kLevel);
  return at == std::string_view::npos ? message : message.substr(at + kLevel.size());
}

}  // namespace

std::optional<OwnLine> ParseOwnLine(std::string_view message) {
  Reading reading;
  reading.may_be_cut = message.size() >= kMayBeCut;
  const std::string_view text = Unframed(message);
  if (text.starts_with('{')) {
    if (!ReadJson(text, &reading)) return std::nullopt;
  } else if (text.starts_with("session=") || text.starts_with("repeated=")) {
    ReadText(text, &reading);
  } else {
    return std::nullopt;
  }
  OwnLine& line = reading.line;
  if (line.repeated > 0 && line.session.empty()) return std::move(line);
  if (line.session.empty() || !line.said.was) return std::nullopt;
  line.said.source = LogSource::kHeloguard;
  // What an observing policy would have answered, it did not answer.
  if (!line.enforced) line.said.was = Outcome::kAccept;
  line.said.mta = MtaOutcomeOf(line);
  line.said.replaceable = true;
  return line;
}

}  // namespace heloguard
