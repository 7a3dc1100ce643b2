// The grammar of Sendmail's log lines at LogLevel 9, and of some above. "key=value, key=value" with values as clients
// gave them: keys are looked for from the end where a client's text stands in front.
// Tests: tests/unit/maillog/sendmail_line_test.cc.
#include "sendmail_line.h"

#include <algorithm>
#include <array>

#include "heloguard/ascii.h"

namespace heloguard {
namespace {

bool TakePrefix(std::string_view* rest, std::string_view prefix) {
  if (!rest->starts_with(prefix)) return false;
  rest->remove_prefix(prefix.size());
  return true;
}

// "name [address] (may be forged)", "[address]", "user@name [address]" at the front of `text`.
bool ReadClient(std::string_view text, SendmailLine* line) {
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos) return false;
  const std::size_t close = text.find(']', open);
  if (close == std::string_view::npos) return false;
  std::string_view name = text.substr(0, open);
  if (name.ends_with(' ')) name.remove_suffix(1);
  if (name.find(' ') != std::string_view::npos) return false;
  name.remove_prefix(std::min(name.find('@') + 1, name.size()));  // what identd said; npos + 1 is 0
  std::string_view address = text.substr(open + 1, close - open - 1);
  static_cast<void>(TakePrefix(&address, "IPv6:"));
  line->name = name;
  line->address = address;
  line->forged = text.substr(close + 1).starts_with(" (may be forged)");
  return true;
}

// The value of the last ", key=", or of "key=" at the front, up to the next comma.
std::string_view Value(std::string_view text, std::string_view key) {
  const std::size_t at = text.rfind(key);
  if (at == std::string_view::npos || (at != 0 && !text.substr(0, at).ends_with(", "))) return {};
  const std::string_view value = text.substr(at + key.size());
  return value.substr(0, value.find(", "));
}

std::string_view Unbracketed(std::string_view text) {
  if (text.starts_with('<')) text.remove_prefix(1);
  if (text.ends_with('>')) text.remove_suffix(1);
  return text;
}

unsigned Number(std::string_view digits) {
  constexpr std::size_t kMostDigits = 6;
  unsigned number = 0;
  for (const char c : digits.substr(0, kMostDigits)) {
    if (!IsDigit(c)) break;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number;
}

// The code of a refusal; one without digits in front is permanent ("Command rejected").
unsigned CodeOf(std::string_view reject) {
  const unsigned code = Number(reject.substr(0, 3));
  return code >= 400 && code < 600 ? code : 550;
}

SendmailLine Message(std::string_view text) {
  SendmailLine line;
  line.event = SendmailEvent::kMessage;
  line.from = Unbracketed(Value(text, "from="));
  line.recipients = Number(Value(text, "nrcpts="));
  line.proto = Value(text, "proto=");
  constexpr std::string_view kRelay = ", relay=";
  const std::size_t relay = text.rfind(kRelay);
  if (relay == std::string_view::npos || !ReadClient(text.substr(relay + kRelay.size()), &line)) return {};
  return line;
}

// "ruleset=check_relay, arg1=name, arg2=address, relay=name [address], reject=550 5.7.1 text"
SendmailLine RuleSet(std::string_view text) {
  SendmailLine line;
  constexpr std::string_view kReject = ", reject=";
  const std::size_t reject = text.find(kReject);
  if (reject == std::string_view::npos) return line;
  line.code = CodeOf(text.substr(reject + kReject.size()));
  const std::string_view front = text.substr(0, reject);
  constexpr std::string_view kRelay = ", relay=";
  const std::size_t relay = front.rfind(kRelay);
  if (relay == std::string_view::npos || !ReadClient(front.substr(relay + kRelay.size()), &line)) return {};
  line.event = SendmailEvent::kRefusal;
  line.about_client = front.starts_with("check_relay");
  return line;
}

// "Milter: to=<bob@example.com>, reject=550 5.7.1 text"; connect:, helo=, from= and data alike.
SendmailLine Milter(std::string_view text) {
  SendmailLine line;
  constexpr std::string_view kReject = ", reject=";
  const std::size_t reject = text.find(kReject);
  if (reject == std::string_view::npos) return line;
  line.event = SendmailEvent::kRefusal;
  line.by_milter = true;
  line.code = CodeOf(text.substr(reject + kReject.size()));
  std::string_view what = text.substr(0, reject);
  if (TakePrefix(&what, "helo=")) {
    line.helo = what;
  } else if (TakePrefix(&what, "from=")) {
    line.from = Unbracketed(what);
  } else if (TakePrefix(&what, "to=")) {
    line.to = Unbracketed(what);
  }
  line.about_client = line.helo || !line.from.empty() || !line.to.empty();
  return line;
}

// "connect from name [address]", with what else may stand behind it.
SendmailLine Client(SendmailEvent event, std::string_view text) {
  SendmailLine line;
  if (ReadClient(text, &line)) line.event = event;
  return line;
}

SendmailLine Helo(std::string_view text) {
  SendmailLine line;
  line.event = SendmailEvent::kHelo;
  line.helo = text;
  return line;
}

// "4ABCdef012345: ", "NOQUEUE: " at the front, taken off.
void SkipQueueId(std::string_view* rest) {
  const std::size_t colon = rest->find(": ");
  constexpr std::size_t kLongest = 20;  // of long queue ids, with room; npos is longer
  if (colon > kLongest) return;
  if (std::ranges::all_of(rest->substr(0, colon), [](char c) { return IsAlnum(c); })) rest->remove_prefix(colon + 2);
}

struct Opening {
  std::string_view words;
  SendmailLine (*read)(std::string_view rest);
};
constexpr std::array<Opening, 9> kOpenings{{
    {"ruleset=", RuleSet},
    {"Milter: ", Milter},
    {"connect from ", [](std::string_view rest) { return Client(SendmailEvent::kConnect, rest); }},
    {"lost input channel from ", [](std::string_view rest) { return Client(SendmailEvent::kClient, rest); }},
    {"timeout waiting for input from ", [](std::string_view rest) { return Client(SendmailEvent::kClient, rest); }},
    {"AUTH=server, relay=", [](std::string_view rest) { return Client(SendmailEvent::kAuthenticated, rest); }},
    {"<-- EHLO ", Helo},
    {"<-- HELO ", Helo},
    {"rejecting commands from ", [](std::string_view rest) { return Client(SendmailEvent::kClient, rest); }},
}};

}  // namespace

bool IsSendmail(std::string_view program) {
  return program == "sm-mta" || program == "sendmail" || program.starts_with("sendmail-");
}

SendmailLine ParseSendmailLine(std::string_view message) {
  std::string_view rest = message;
  SkipQueueId(&rest);
  if (rest.starts_with("from=")) return Message(rest);
  for (const Opening& opening : kOpenings) {
    if (TakePrefix(&rest, opening.words)) return opening.read(rest);
  }
  if (rest.find(" did not issue MAIL/EXPN/VRFY/ETRN") != std::string_view::npos) {
    return Client(SendmailEvent::kClient, rest);
  }
  return {};
}

}  // namespace heloguard
