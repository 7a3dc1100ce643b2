// The grammar of Postfix's log lines, as smtpd(8) and postscreen(8) write them, with plain searches. The order of the
// parts is fixed, and what a client said stands only where it cannot be mistaken for the part before it; what follows
// it may be its own invention. Tests: tests/unit/maillog/postfix_line_test.cc.
#include "postfix_line.h"

#include <algorithm>
#include <array>

#include "heloguard/ascii.h"
#include "syslog_line.h"

namespace heloguard {
namespace {

bool TakePrefix(std::string_view* rest, std::string_view prefix) {
  if (!rest->starts_with(prefix)) return false;
  rest->remove_prefix(prefix.size());
  return true;
}

// "name[address]" or "name[address]:port" at the front of `rest`, taken off.
bool TakeClient(std::string_view* rest, PostfixLine* line) {
  const std::size_t open = rest->find('[');
  if (open == std::string_view::npos) return false;
  const std::size_t close = rest->find(']', open);
  if (close == std::string_view::npos || rest->substr(0, open).find(' ') != std::string_view::npos) return false;
  line->name = rest->substr(0, open);
  line->address = rest->substr(open + 1, close - open - 1);
  rest->remove_prefix(close + 1);
  if (rest->starts_with(':') && rest->size() > 1 && IsDigit((*rest)[1])) {
    std::size_t end = 1;
    while (end < rest->size() && IsDigit((*rest)[end])) ++end;
    line->port = rest->substr(1, end - 1);
    rest->remove_prefix(end);
  }
  return true;
}

PostfixLine Simple(PostfixEvent event, std::string_view rest) {
  PostfixLine line;
  if (TakeClient(&rest, &line)) line.event = event;
  return line;
}

unsigned SmallNumber(std::string_view digits) {
  constexpr std::size_t kMostDigits = 6;
  unsigned number = 0;
  for (const char c : digits.substr(0, kMostDigits)) {
    if (!IsDigit(c)) break;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number;
}

// "1" or "1/3".
void AddCount(std::string_view value, CommandCount* count) {
  const std::size_t slash = value.find('/');
  const unsigned good = SmallNumber(value);
  count->good += good;
  count->all += slash == std::string_view::npos ? good : SmallNumber(value.substr(slash + 1));
}

struct CountRow {
  std::string_view key;
  CommandCount PostfixLine::*count;
};
constexpr std::array<CountRow, 8> kCounts{{{"helo", &PostfixLine::helos},
                                           {"ehlo", &PostfixLine::helos},
                                           {"mail", &PostfixLine::mails},
                                           {"rcpt", &PostfixLine::recipients},
                                           {"data", &PostfixLine::datas},
                                           {"bdat", &PostfixLine::datas},
                                           {"starttls", &PostfixLine::starttls},
                                           {"auth", &PostfixLine::auths}}};

// "disconnect from name[address] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4"
PostfixLine Disconnect(std::string_view rest) {
  PostfixLine line;
  if (!TakeClient(&rest, &line)) return line;
  line.event = PostfixEvent::kDisconnect;
  while (!rest.empty()) {
    const std::string_view word = TakeWord(&rest);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    line.counted |= word.substr(0, equals) == "commands";
    for (const CountRow& row : kCounts) {
      if (row.key == word.substr(0, equals)) AddCount(word.substr(equals + 1), &(line.*row.count));
    }
  }
  return line;
}

struct HostnameTrouble {
  std::string_view words;
  std::optional<RdnsStatus> status;
};
// The C library's words for what getaddrinfo found, in Postfix's warnings. Others may be passing or not.
constexpr std::array<HostnameTrouble, 3> kTroubles{{{"Name or service not known", RdnsStatus::kFail},
                                                    {"No address associated with hostname", RdnsStatus::kFail},
                                                    {"Temporary failure in name resolution", RdnsStatus::kTemperror}}};

// "hostname NAME does not resolve to address ADDRESS[: WHY]"
PostfixLine Hostname(std::string_view rest) {
  constexpr std::string_view kMiddle = "does not resolve to address ";
  PostfixLine line;
  line.name = TakeWord(&rest);
  if (!TakePrefix(&rest, kMiddle)) return {};
  const std::size_t why = rest.find(": ");
  line.address = rest.substr(0, why);
  line.event = PostfixEvent::kHostname;
  if (why == std::string_view::npos) {
    line.rdns_status = RdnsStatus::kFail;
    return line;
  }
  for (const HostnameTrouble& trouble : kTroubles) {
    if (rest.substr(why + 2) == trouble.words) line.rdns_status = trouble.status;
  }
  return line;
}

// "<text>" behind `key` in `rest`; what stands before it is skipped. Cut where the line ends.
std::string_view Bracketed(std::string_view rest, std::string_view key) {
  const std::size_t at = rest.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view value = rest.substr(at + key.size());
  return value.substr(0, value.find('>'));
}

// The HELO name, which stands last but for the name a client has authenticated by; postscreen sets commas. Where what
// announces it stands twice, a client has written it into its HELO or its address: then nothing is believed.
void ReadHelo(std::string_view tail, PostfixLine* line) {
  constexpr std::string_view kProto = "proto=";
  const std::size_t at = tail.find(kProto);
  if (at == std::string_view::npos) return;
  std::string_view rest = tail.substr(at + kProto.size());
  if (rest.find(kProto) != std::string_view::npos) {
    line->helo_cut = true;
    return;
  }
  static_cast<void>(TakePrefix(&rest, "E"));
  if (!TakePrefix(&rest, "SMTP")) return;
  line->says_helo = true;
  static_cast<void>(TakePrefix(&rest, ","));
  if (!TakePrefix(&rest, " helo=<")) return;
  const std::size_t sasl = rest.rfind("> sasl_");
  line->sasl = sasl != std::string_view::npos;
  if (line->sasl) rest = rest.substr(0, sasl + 1);
  if (rest.ends_with('>')) {
    line->helo = rest.substr(0, rest.size() - 1);
  } else {
    line->helo_cut = true;
  }
}

constexpr std::array<std::string_view, 14> kActions{
    "reject",  "milter-reject", "reject_warning", "info", "warn",         "permit",       "hold",
    "discard", "filter",        "redirect",       "bcc",  "proxy-reject", "proxy-accept", "milter-hold"};

// "WORD: WHERE from NAME[ADDRESS]: 550 5.7.1 text; from=<a> to=<b> proto=ESMTP helo=<c>". WHERE may be two words.
PostfixLine Action(std::string_view rest) {
  PostfixLine line;
  const std::size_t colon = rest.find(": ");
  if (colon == std::string_view::npos) return line;
  line.action = rest.substr(0, colon);
  if (std::ranges::find(kActions, line.action) == kActions.end()) return line;
  rest.remove_prefix(colon + 2);
  constexpr std::string_view kFrom = " from ";
  const std::size_t from = rest.find(kFrom);
  if (from == std::string_view::npos) return line;
  line.where = rest.substr(0, from);
  rest.remove_prefix(from + kFrom.size());
  if (!TakeClient(&rest, &line) || !TakePrefix(&rest, ": ")) return line;
  line.event = PostfixEvent::kAction;
  line.text = rest;
  constexpr std::size_t kCodeLength = 3;
  const bool coded = rest.size() > kCodeLength && (rest[kCodeLength] == ' ' || rest[kCodeLength] == '-');
  line.code = coded && IsDigit(rest[0]) && IsDigit(rest[1]) && IsDigit(rest[2]) ? SmallNumber(rest.substr(0, 3)) : 0;
  line.from = Bracketed(rest, " from=<");
  line.to = Bracketed(rest, " to=<");
  ReadHelo(rest, &line);
  return line;
}

// "name[address], sasl_method=PLAIN, sasl_username=..." behind "client=".
PostfixLine Client(std::string_view rest) {
  PostfixLine line = Simple(PostfixEvent::kClient, rest);
  line.sasl = rest.find(", sasl_method=") != std::string_view::npos;
  return line;
}

// "NOQUEUE: ..." or "4ABC123DEF: ...": what follows, "" if the word is no queue id.
std::string_view BehindQueueId(std::string_view message) {
  const std::size_t colon = message.find(": ");
  constexpr std::size_t kLongest = 20;  // of long queue ids, with room; npos is longer
  if (colon > kLongest) return {};
  const std::string_view id = message.substr(0, colon);
  if (!std::ranges::all_of(id, [](char c) { return IsAlnum(c); })) return {};
  return message.substr(colon + 2);
}

struct Opening {
  std::string_view words;
  PostfixEvent event;
};

// "PREGREET 11 after 0.06 from [192.0.2.1]:1234: EHLO User\r\n": the text as it came, cut to a hundred octets, with the
// C language's escapes.
PostfixLine Pregreet(std::string_view rest) {
  const std::size_t from = rest.find(" from ");
  if (from == std::string_view::npos) return {};
  rest.remove_prefix(from + 6);
  PostfixLine line = Simple(PostfixEvent::kPregreet, rest);
  const std::size_t text = rest.find(": ");
  if (text == std::string_view::npos) return line;
  rest.remove_prefix(text + 2);
  const std::size_t end = rest.find("\\r\\n");
  const std::string_view command = rest.substr(0, std::min<std::size_t>(end, 5));
  const bool greeted = LowerCase(command) == "helo " || LowerCase(command) == "ehlo ";
  if (!greeted || end == std::string_view::npos || rest.substr(0, end).find('\\') != std::string_view::npos)
    return line;
  line.helo = rest.substr(5, end - 5);
  return line;
}

constexpr std::array<Opening, 6> kPostscreen{{{"CONNECT from ", PostfixEvent::kConnect},
                                              {"DISCONNECT ", PostfixEvent::kDisconnect},
                                              {"PASS NEW ", PostfixEvent::kPassed},
                                              {"PASS OLD ", PostfixEvent::kPassed},
                                              {"ALLOWLISTED ", PostfixEvent::kPassed},
                                              {"WHITELISTED ", PostfixEvent::kPassed}}};

}  // namespace

bool IsPostfixService(std::string_view program, std::string_view service) {
  return program.starts_with("postfix") && program.ends_with(service) && program.size() > service.size() &&
         program[program.size() - service.size() - 1] == '/';
}

PostfixLine ParseSmtpdLine(std::string_view message) {
  std::string_view rest = message;
  if (TakePrefix(&rest, "connect from ")) return Simple(PostfixEvent::kConnect, rest);
  if (TakePrefix(&rest, "disconnect from ")) return Disconnect(rest);
  if (TakePrefix(&rest, "warning: hostname ")) return Hostname(rest);
  constexpr std::string_view kTls = " TLS connection established from ";
  constexpr std::size_t kLongestTrust = 10;  // "Anonymous", "Untrusted" ...
  if (const std::size_t tls = message.substr(0, kLongestTrust + kTls.size()).find(kTls);
      tls != std::string_view::npos) {
    return Simple(PostfixEvent::kEncrypted, message.substr(tls + kTls.size()));
  }
  rest = BehindQueueId(message);
  if (TakePrefix(&rest, "client=")) return Client(rest);
  return rest.empty() ? PostfixLine{} : Action(rest);
}

PostfixLine ParsePostscreenLine(std::string_view message) {
  std::string_view rest = message;
  for (const Opening& opening : kPostscreen) {
    if (TakePrefix(&rest, opening.words)) return Simple(opening.event, rest);
  }
  if (TakePrefix(&rest, "PREGREET ")) return Pregreet(rest);
  rest = BehindQueueId(message);
  return rest.empty() ? PostfixLine{} : Action(rest);
}

}  // namespace heloguard
