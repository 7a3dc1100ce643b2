// The grammar of Postfix's log lines, as smtpd(8), postscreen(8) and cleanup(8) write them, with plain searches. The
// order of the parts is fixed, and what a client said stands only where it cannot be mistaken for the part before it;
// what follows it may be its own invention. Tests: tests/unit/adapters/maillog/postfix/postfix_line_test.cc.
#include "adapters/maillog/postfix/postfix_line.h"

#include <algorithm>
#include <array>

#include "adapters/maillog/frames/digits.h"
#include "adapters/maillog/frames/syslog_line.h"
#include "heloguard/base/ascii.h"

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

// "1" or "1/3".
void AddCount(std::string_view value, CommandCount* count) {
  const std::size_t slash = value.find('/');
  const unsigned good = LeadingNumber<unsigned>(value);
  count->good += good;
  count->all += slash == std::string_view::npos ? good : LeadingNumber<unsigned>(value.substr(slash + 1));
}

struct CountRow {
  std::string_view key;
  CommandCount PostfixLine::*count;
};
constexpr std::array<CountRow, 8> kCounts{{{"helo", &PostfixLine::helos},
                                           {"ehlo", &PostfixLine::helos},
                                           {"rcpt", &PostfixLine::recipients},
                                           {"data", &PostfixLine::datas},
                                           {"bdat", &PostfixLine::bdats},
                                           {"starttls", &PostfixLine::starttls},
                                           {"auth", &PostfixLine::auths},
                                           {"xforward", &PostfixLine::xforwards}}};

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

// What may stand behind the HELO name.
enum class Behind : std::uint8_t {
  kNothing,
  kSasl,  // the name a client has authenticated by: "> sasl_username=<alice>"
  kText,  // the reply: ">: 5.7.1 text"
};

// The HELO name, which stands last but for that; postscreen sets commas. Where what announces it, or what ends it,
// stands twice, a client may have written it into its HELO or its address: then nothing is believed.
void ReadHelo(std::string_view tail, Behind behind, PostfixLine* line) {
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
  constexpr std::string_view kText = ">: ";
  const std::size_t text = behind == Behind::kText ? rest.find(kText) : std::string_view::npos;
  if (text != std::string_view::npos) {
    line->helo_cut = rest.find(kText, text + 1) != std::string_view::npos;
    rest = rest.substr(0, text + 1);
  }
  line->helo_cut |= !rest.ends_with('>');
  if (line->helo_cut) return;
  rest.remove_suffix(1);
  const std::size_t sasl = behind == Behind::kSasl ? rest.rfind("> sasl_") : std::string_view::npos;
  if (sasl != std::string_view::npos) line->helo_unless_sasl = rest;
  line->helo = rest.substr(0, sasl);
}

// Of a reply: "550 5.7.1 text", "550-5.7.1 text", or "5.7.1 text" where a content filter gave only that. 0: none.
unsigned CodeOf(std::string_view reply) {
  constexpr std::size_t kLength = 3;
  const bool coded = reply.size() > kLength && (reply[kLength] == ' ' || reply[kLength] == '-');
  if (coded && IsDigit(reply[0]) && IsDigit(reply[1]) && IsDigit(reply[2]))
    return LeadingNumber<unsigned>(reply.substr(0, kLength));
  if (reply.starts_with("5.")) return 550;
  return reply.starts_with("4.") ? 450 : 0;
}

constexpr std::array<std::string_view, 14> kActions{
    "reject",  "milter-reject", "reject_warning", "info", "warn",         "permit",       "hold",
    "discard", "filter",        "redirect",       "bcc",  "proxy-reject", "proxy-accept", "milter-hold"};

// "WORD: WHERE from NAME[ADDRESS]: 550 5.7.1 text; from=<a> to=<b> proto=ESMTP helo=<c>". WHERE may be two words.
PostfixLine Action(std::string_view rest, Behind behind) {
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
  line.code = CodeOf(rest);
  line.from = Bracketed(rest, " from=<");
  line.to = Bracketed(rest, " to=<");
  ReadHelo(rest, behind, &line);
  return line;
}

// "header Subject: text from NAME[ADDRESS]; from=<a> to=<b> proto=ESMTP helo=<c>: 5.7.1 text". What stands in front may
// be anything, as it is the message's; the HELO is known by what announces it and the reply by what ends the HELO.
PostfixLine ContentReject(std::string_view rest) {
  PostfixLine line;
  constexpr std::array<std::string_view, 3> kParts{"header ", "body ", "mime-error "};
  const auto* const part = std::ranges::find_if(kParts, [&](std::string_view p) { return rest.starts_with(p); });
  if (part == kParts.end()) return line;
  line.event = PostfixEvent::kAction;
  line.action = "reject";
  line.where = part->substr(0, part->size() - 1);
  ReadHelo(rest, Behind::kText, &line);
  const std::size_t reply = rest.rfind(">: ");
  const unsigned code = reply == std::string_view::npos ? 0 : CodeOf(rest.substr(reply + 3));
  line.code = code == 0 ? 550 : code;
  return line;
}

// "name[address], sasl_method=PLAIN, sasl_username=..., orig_queue_id=..., orig_client=..." behind "client=".
PostfixLine Client(std::string_view rest) {
  PostfixLine line;
  if (!TakeClient(&rest, &line)) return line;
  line.event = PostfixEvent::kClient;
  line.sasl = rest.starts_with(", sasl_");
  line.forwarded = rest.find(", orig_client=") != std::string_view::npos;
  return line;
}

// "NOQUEUE: ..." or "4ABC123DEF: ...".
struct Queued {
  std::string_view id;    // "" for NOQUEUE
  std::string_view rest;  // "" if the first word is no queue id
};
Queued TakeQueueId(std::string_view message) {
  const std::size_t colon = message.find(": ");
  constexpr std::size_t kMaxQueueId = 20;  // of long queue ids, with room; npos is longer
  if (colon > kMaxQueueId) return {};
  const std::string_view id = message.substr(0, colon);
  if (!std::ranges::all_of(id, [](char c) { return IsAlnum(c); })) return {};
  return {id == "NOQUEUE" ? std::string_view() : id, message.substr(colon + 2)};
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

std::optional<PostfixService> PostfixServiceOf(std::string_view program) {
  const std::size_t slash = program.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const std::string_view service = program.substr(slash + 1);
  if (service == "smtpd") return PostfixService::kSmtpd;
  if (service == "cleanup") return PostfixService::kCleanup;
  if (service == "postscreen") return PostfixService::kPostscreen;
  return std::nullopt;
}

PostfixLine ParseSmtpdLine(std::string_view message) {
  std::string_view rest = message;
  if (TakePrefix(&rest, "connect from ")) return Simple(PostfixEvent::kConnect, rest);
  if (TakePrefix(&rest, "disconnect from ")) return Disconnect(rest);
  if (TakePrefix(&rest, "warning: hostname ")) return Hostname(rest);
  constexpr std::string_view kTls = " TLS connection established from ";
  constexpr std::size_t kMaxTrust = 10;  // "Anonymous", "Untrusted" ...
  if (const std::size_t tls = message.substr(0, kMaxTrust + kTls.size()).find(kTls);
      tls != std::string_view::npos) {
    return Simple(PostfixEvent::kEncrypted, message.substr(tls + kTls.size()));
  }
  Queued queued = TakeQueueId(message);
  PostfixLine line = TakePrefix(&queued.rest, "client=") ? Client(queued.rest) : Action(queued.rest, Behind::kSasl);
  line.queue = queued.id;
  return line;
}

PostfixLine ParseCleanupLine(std::string_view message) {
  Queued queued = TakeQueueId(message);
  PostfixLine line;
  if (queued.rest.starts_with("milter-reject: ")) {
    line = Action(queued.rest, Behind::kNothing);
  } else if (TakePrefix(&queued.rest, "reject: ")) {
    line = ContentReject(queued.rest);
  }
  line.queue = queued.id;
  return line;
}

PostfixLine ParsePostscreenLine(std::string_view message) {
  std::string_view rest = message;
  for (const Opening& opening : kPostscreen) {
    if (TakePrefix(&rest, opening.words)) return Simple(opening.event, rest);
  }
  if (TakePrefix(&rest, "PREGREET ")) return Pregreet(rest);
  return Action(TakeQueueId(message).rest, Behind::kNothing);
}

}  // namespace heloguard
