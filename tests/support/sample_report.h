// A SessionReport whose every part can be changed, for what logs and counts.
#pragma once

#include <string>

#include "heloguard/policy/rollout.h"
#include "heloguard/session_report.h"

namespace heloguard {

// A clean session judged by a policy of one rule, "bare-ip". Change the parts, then call Report.
struct SampleReport {
  SampleReport() {
    inputs.client = IpAddress::Parse("192.0.2.1");
    inputs.client_known = true;
    inputs.port = 25;
    inputs.helo = ParseHelo("mail.example.com");
    inputs.own = std::make_shared<const OwnIdentity>();
    policy.name = "default";
    AddRule("bare-ip", ActionKind::kReject);
    rdns.ptr_state = RdnsEvidence::Known::kKnown;
    rdns.ptr_names = {*DomainName::FromText("mail.example.com")};
    rdns.verified = rdns.ptr_names;
    rdns.status = RdnsStatus::kPass;
    rdns.dnssec = Dnssec::kSecure;
    AddLookup("1.2.0.192.in-addr.arpa", RecordType::kPtr, DnsStatus::kAnswer);
    AddLookup("mail.example.com", RecordType::kA, DnsStatus::kAnswer);
  }

  // A rule that was evaluated and held, if `truth` says so.
  void AddRule(std::string name, ActionKind action, Truth truth = Truth::kFalse, Mode mode = Mode::kEnforce) {
    Rule rule;
    rule.name = std::move(name);
    rule.action = action;
    policy.rules.push_back(std::move(rule));
    RuleTrace trace;
    trace.state = RuleTrace::State::kEvaluated;
    trace.truth = truth;
    trace.mode = mode;
    verdict.rules.push_back(trace);
  }

  void AddLookup(std::string_view name, RecordType type, DnsStatus status) {
    DnsAnswer answer;
    answer.status = status;
    asked += status == DnsStatus::kNotAsked ? 0 : 1;
    answers.Set({*DomainName::FromText(name), type}, answer);
  }

  void RefusedByFirstRule() {
    verdict.outcome = Outcome::kReject;
    verdict.rule = 0;
    verdict.rules[0].truth = Truth::kTrue;
  }

  // Refers to this. One thread at a time.
  [[nodiscard]] SessionReport Report() const {
    judgement_.policy = &policy;
    judgement_.stage = stage;
    judgement_.facts = facts;
    judgement_.rdns = rdns;
    judgement_.verdict = verdict;
    judgement_.exempt = exempt;
    judgement_.mode = ModeFor(policy.mode, policy.percent, inputs.client);
    judgement_.resolver_ill = resolver_ill;
    return {session, inputs, answers, judgement_, reply, asked, waited, dns_elapsed, from, to, mta};
  }

  std::string session = "000abcdef0123456";
  SessionInputs inputs;
  Facts facts;
  DnsAnswers answers;
  RdnsEvidence rdns;
  Policy policy;
  Verdict verdict;
  Stage stage = Stage::kRcpt;
  std::string exempt;
  std::optional<SmtpReply> reply;
  std::size_t asked = 0;
  bool resolver_ill = false;
  std::chrono::microseconds waited{1'260};
  std::chrono::microseconds dns_elapsed{12'449};
  std::string from = "<alice@example.com>";
  std::string to = "<bob@example.net>";
  MtaNotes mta;

 private:
  mutable Judgement judgement_;  // put together anew by each Report
};

}  // namespace heloguard
