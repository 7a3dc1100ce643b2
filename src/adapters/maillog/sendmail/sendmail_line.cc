// The grammar of Sendmail's log lines at LogLevel 9, and of some above. "key=value, key=value" with values as clients
// gave them: keys are looked for from the side on which no client's text stands.
// Tests: tests/unit/adapters/maillog/sendmail/sendmail_line_test.cc.
#include "adapters/maillog/sendmail/sendmail_line.h"

#include <algorithm>
#include <array>

#include "adapters/maillog/frames/digits.h"
#include "heloguard/base/ascii.h"

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

// The value behind `key`, up to the next comma.
std::string_view ValueAt(std::string_view text, std::size_t key_at, std::string_view key) {
  if (key_at == std::string_view::npos) return {};
  const std::string_view value = text.substr(key_at + key.size());
  return value.substr(0, value.find(", "));
}
std::string_view FirstValue(std::string_view text, std::string_view key) { return ValueAt(text, text.find(key), key); }
std::string_view LastValue(std::string_view text, std::string_view key) { return ValueAt(text, text.rfind(key), key); }

// An address at the front of `rest`, taken off: "<a@b>" up to the bracket outside of quotes (RFC 5321 section 4.1.2),
// or a word up to the comma.
std::string_view TakeAddress(std::string_view* rest) {
  std::size_t end = std::min(rest->find(", "), rest->size());
  bool quoted = false;
  for (std::size_t i = 0; rest->starts_with('<') && i < rest->size(); ++i) {
    const char c = (*rest)[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == '>') {
      end = i + 1;
      break;
    }
  }
  const std::string_view address = rest->substr(0, end);
  rest->remove_prefix(end);
  return address;
}

std::string_view Unbracketed(std::string_view text) {
  if (text.starts_with('<')) text.remove_prefix(1);
  if (text.ends_with('>')) text.remove_suffix(1);
  return text;
}

// The code of a refusal; one without digits in front is permanent ("Command rejected").
unsigned CodeOf(std::string_view reject) {
  const unsigned code = LeadingNumber<unsigned>(reject.substr(0, 3));
  return code >= 400 && code < 600 ? code : 550;
}

// "<a@b>, size=9, class=0, nrcpts=1, msgid=<...>, proto=ESMTP, daemon=MTA, relay=name [address]" behind "from=". The
// message chose its id, so that what stands in front of it is looked for from the front, and what stands behind it from
// the end.
SendmailLine Message(std::string_view text) {
  SendmailLine line;
  line.event = SendmailEvent::kMessage;
  line.from = Unbracketed(TakeAddress(&text));
  line.recipients = LeadingNumber<unsigned>(FirstValue(text, ", nrcpts="));
  line.proto = LastValue(text, ", proto=");
  constexpr std::string_view kRelay = ", relay=";
  const std::size_t relay = text.rfind(kRelay);
  if (relay == std::string_view::npos || !ReadClient(text.substr(relay + kRelay.size()), &line)) return {};
  return line;
}

constexpr std::string_view kReject = ", reject=";

// "ruleset=check_relay, arg1=name, arg2=address, relay=name [address], reject=550 5.7.1 text"
SendmailLine RuleSet(std::string_view text) {
  SendmailLine line;
  line.about_client = text.starts_with("check_relay");
  constexpr std::string_view kArgument = ", arg1=";
  if (const std::size_t argument = text.find(kArgument); argument != std::string_view::npos) {
    text.remove_prefix(argument + kArgument.size());
    TakeAddress(&text);
  }
  const std::size_t reject = text.find(kReject);
  if (reject == std::string_view::npos) return {};
  line.code = CodeOf(text.substr(reject + kReject.size()));
  const std::string_view front = text.substr(0, reject);
  constexpr std::string_view kRelay = ", relay=";
  const std::size_t relay = front.rfind(kRelay);
  if (relay == std::string_view::npos || !ReadClient(front.substr(relay + kRelay.size()), &line)) return {};
  line.event = SendmailEvent::kRefusal;
  return line;
}

struct Ending {
  std::string_view words;
  unsigned code;
};
// What a milter made Sendmail answer to everything the client says.
constexpr std::array<Ending, 3> kConnectEndings{
    {{", rejecting commands", 554}, {", temporarily failing commands", 451}, {", shutdown", 421}}};

// "host=name, addr=address, rejecting commands" behind "connect: ". Whether the name is verified other lines say.
SendmailLine MilterAtConnect(std::string_view text) {
  SendmailLine line;
  for (const Ending& ending : kConnectEndings) {
    if (text.ends_with(ending.words)) line.code = ending.code;
  }
  std::string_view address = LastValue(text, ", addr=");
  static_cast<void>(TakePrefix(&address, "IPv6:"));
  if (line.code == 0 || address.empty()) return {};
  line.event = SendmailEvent::kRefusal;
  line.address = address;
  line.by_milter = line.about_client = true;
  return line;
}

// "Milter: to=<bob@example.com>, reject=550 5.7.1 text"; helo=, from= and data alike. A reply of several lines has
// "550-5.7.1 text\r\n550 5.7.1 text", the backslashes as they stand here.
SendmailLine Milter(std::string_view text) {
  if (TakePrefix(&text, "connect: ")) return MilterAtConnect(text);
  SendmailLine line;
  const bool of_helo = TakePrefix(&text, "helo=");
  const bool of_sender = !of_helo && TakePrefix(&text, "from=");
  const bool of_recipient = !of_helo && !of_sender && TakePrefix(&text, "to=");
  if (of_sender) line.from = Unbracketed(TakeAddress(&text));
  if (of_recipient) line.to = Unbracketed(TakeAddress(&text));
  const std::size_t reject = text.find(kReject);
  if (reject == std::string_view::npos) return {};
  // Where it stands twice, it may be the client that wrote it.
  if (of_helo && text.find(kReject, reject + 1) == std::string_view::npos) line.helo = text.substr(0, reject);
  line.event = SendmailEvent::kRefusal;
  line.by_milter = true;
  line.about_client = of_helo || of_sender || of_recipient;
  line.code = CodeOf(text.substr(reject + kReject.size()));
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
  constexpr std::size_t kMaxQueueId = 20;  // of long queue ids, with room; npos is longer
  if (colon > kMaxQueueId) return;
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
  if (TakePrefix(&rest, "from=")) return Message(rest);
  for (const Opening& opening : kOpenings) {
    if (TakePrefix(&rest, opening.words)) return opening.read(rest);
  }
  if (rest.find(" did not issue MAIL/EXPN/VRFY/ETRN") != std::string_view::npos) {
    return Client(SendmailEvent::kClient, rest);
  }
  return {};
}

}  // namespace heloguard
