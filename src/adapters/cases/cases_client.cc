// "client" lines of a .cases file: who connects, what is said, what is expected. Pure.
// Tests: tests/unit/adapters/cases/cases_reader_test.cc.
#include <algorithm>

#include "adapters/cases/cases_reader.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/port.h"
#include "heloguard/base/suggest.h"
#include "heloguard/policy/action.h"

namespace heloguard {
namespace {

struct Draft {
  Case result;
  bool no_helo = false;
  bool complete = false;  // "expect" was read
};

void ReadHelo(CaseLine* line, Draft* draft) {
  const std::string* name = line->Need("the HELO name (\"\" for an empty one)");
  if (name == nullptr) return;
  if (draft->no_helo) return line->Fail("helo and nohelo exclude each other");
  draft->result.helos.push_back(*name);
}

void ReadNoHelo(CaseLine* line, Draft* draft) {
  if (!draft->result.helos.empty()) return line->Fail("helo and nohelo exclude each other");
  draft->no_helo = true;
}

void ReadAuth(CaseLine* /*line*/, Draft* draft) { draft->result.authenticated = true; }

void ReadTls(CaseLine* line, Draft* draft) {
  if (draft->result.tls) return line->Fail("tls stands there twice");
  draft->result.tls = draft->result.helos.size();
}

void ReadPort(CaseLine* line, Draft* draft) {
  const std::string* text = line->Need("a port");
  if (text == nullptr) return;
  draft->result.port = ParsePort(*text);
  if (!draft->result.port) line->Fail(Quoted(*text) + " is no port (1 to 65535)");
}

void ReadRcpt(CaseLine* line, Draft* draft) {
  if (const std::string* address = line->Need("a recipient")) draft->result.recipient = *address;
}

std::optional<Stage> NeedStage(CaseLine* line) {
  const std::string* word = line->Need("a stage (helo, mail or rcpt)");
  if (word == nullptr) return std::nullopt;
  constexpr std::array<std::string_view, 3> kStages{"helo", "mail", "rcpt"};
  const auto stage = FromName<Stage>(*word);
  if (!stage || std::ranges::find(kStages, std::string_view(*word)) == kStages.end()) {
    line->Fail(Quoted(*word) + " is no stage to answer at; helo, mail and rcpt are" + DidYouMean(*word, kStages));
    return std::nullopt;
  }
  return stage;
}

void ReadStage(CaseLine* line, Draft* draft) {
  if (const auto stage = NeedStage(line)) draft->result.stage = *stage;
}

// What may stand behind the rule: one row a clause.
struct Also {
  std::string_view word;
  void (*read)(CaseLine*, ExpectedVerdict*);
};
constexpr std::array<Also, 3> kAlso{{
    {"at", [](CaseLine* line, ExpectedVerdict* expected) { expected->stage = NeedStage(line); }},
    {"mode",
     [](CaseLine* line, ExpectedVerdict* expected) {
       const std::string* word = line->Need("a mode (enforce or observe)");
       if (word == nullptr) return;
       expected->mode = FromName<Mode>(*word);
       if (!expected->mode) {
         line->Fail(Quoted(*word) + " is no mode; enforce and observe are" + DidYouMean(*word, EnumNames<Mode>));
       }
     }},
    {"reply",
     [](CaseLine* line, ExpectedVerdict* expected) {
       if (const std::string* text = line->Need("what the reply says, in quotes")) expected->reply = *text;
     }},
}};

const Also* FindAlso(std::string_view word) {
  const auto* also = std::ranges::find(kAlso, word, &Also::word);
  return also == kAlso.end() ? nullptr : also;
}

void ReadAlso(CaseLine* line, ExpectedVerdict* expected) {
  const std::string& word = line->Take();
  if (const Also* also = FindAlso(word)) return also->read(line, expected);
  line->Fail(Quoted(word) + " is not known here; behind the rule there may be at STAGE, mode MODE and reply TEXT");
}

void ReadExpect(CaseLine* line, Draft* draft) {
  const std::string* word = line->Need("the verdict (accept, tempfail or reject)");
  if (word == nullptr) return;
  const auto outcome = FromName<Outcome>(*word);
  if (!outcome) {
    return line->Fail(Quoted(*word) + " is no verdict; accept, tempfail and reject are" +
                      DidYouMean(*word, EnumNames<Outcome>));
  }
  ExpectedVerdict& expected = draft->result.expected;
  expected.outcome = *outcome;
  draft->complete = true;
  if (!line->done() && FindAlso(line->Peek()) == nullptr) {
    expected.by = line->Take();
    expected.where = line->here();
  }
  while (!line->failed() && !line->done()) ReadAlso(line, &expected);
}

// One row a clause.
struct Clause {
  std::string_view word;
  void (*read)(CaseLine*, Draft*);
};
constexpr std::array<Clause, 8> kClauses{{{"helo", ReadHelo},
                                          {"nohelo", ReadNoHelo},
                                          {"auth", ReadAuth},
                                          {"tls", ReadTls},
                                          {"port", ReadPort},
                                          {"rcpt", ReadRcpt},
                                          {"stage", ReadStage},
                                          {"expect", ReadExpect}}};

void ReadClause(CaseLine* line, Draft* draft) {
  const std::string& word = line->Take();
  const auto* clause = std::ranges::find(kClauses, std::string_view(word), &Clause::word);
  if (clause == kClauses.end()) {
    std::array<std::string_view, kClauses.size()> words;
    std::ranges::transform(kClauses, words.begin(), &Clause::word);
    return line->Fail(Quoted(word) + " is not known here; helo, nohelo, auth, tls, port, rcpt, stage and expect are" +
                      DidYouMean(word, words));
  }
  clause->read(line, draft);
}

}  // namespace

void ReadClientLine(CaseLine* line, CasesFile* file) {
  const std::string* text = line->Need("the client's address");
  if (text == nullptr) return;
  const auto client = IpAddress::Parse(*text);
  if (!client) return line->Fail(Quoted(*text) + " is no IP address");
  Draft draft;
  draft.result.client = client->Unmapped();
  draft.result.where = line->here();
  draft.result.where.column = 1;
  while (!line->failed() && !draft.complete && !line->done()) ReadClause(line, &draft);
  if (line->failed()) return;
  if (!draft.complete) return line->FailAt(line->next(), "expect and a verdict are missing");
  if (draft.result.helos.empty() && !draft.no_helo) {
    return line->FailAt(line->next(), "helo NAME is missing (or nohelo for a client that says none)");
  }
  file->cases.push_back(std::move(draft.result));
}

}  // namespace heloguard
