// Gathers the evidence of an audit and has it judged by the sessions that the daemon uses. Decides nothing about a
// check. Tests: tests/cli/audit_test.py.
#include "app/audit/gather_evidence.h"

#include <algorithm>

#include "app/shared/check_request.h"
#include "app/shared/check_view.h"
#include "audit/audit_words.h"
#include "engine/drive/book_resolver.h"
#include "engine/drive/driven_session.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

std::shared_ptr<DnsGather> Begin(LookupSet wanted, LookupInputs inputs, const CommandServices& world) {
  auto gather = DnsGather::Create({wanted, std::move(inputs), world.limits}, {{world.resolver}}, *world.clock);
  gather->Begin(nullptr);
  return gather;
}

DnsAnswers Wait(DnsGather* gather, const CommandServices& world) {
  AwaitFinished(gather, gather->created() + world.deadline, world.waitable);
  return gather->Answers(world.deadline);
}

bool Charges(const Rule& rule) {
  const ActionSpec& action = SpecOf(rule.action);
  return action.decides || rule.action == ActionKind::kScore;
}

std::vector<Charge> ChargesOf(const Judgement& judgement) {
  const Policy& policy = *judgement.policy;
  std::vector<Charge> charges;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const RuleTrace& trace = judgement.verdict.rules[i];
    const bool held = trace.state == RuleTrace::State::kEvaluated && trace.truth == Truth::kTrue;
    if (!held || trace.mode == Mode::kObserve || !Charges(policy.rules[i])) continue;
    charges.push_back({EscapeBytes(policy.rules[i].name), policy.rules[i].action, policy.rules[i].score});
  }
  return charges;
}

Answered AnsweredBy(const SessionReport& report) {
  const Decision decision = DecisionOf(report);
  Answered answered;
  answered.policy = EscapeBytes(report.judgement.policy->name);
  answered.outcome = decision.outcome;
  answered.worst = report.judgement.verdict.worst;
  answered.rule = decision.rule;
  answered.score = report.judgement.verdict.score;
  answered.reject_from = report.judgement.policy->thresholds.reject;
  answered.charges = ChargesOf(report.judgement);
  if (report.reply) answered.reply = report.reply->ToString();
  return answered;
}

AddressEvidence Judged(const CheckRequest& subject, const DnsAnswers& book, const Policies& policies,
                       CommandServices world) {
  BookResolver resolver(book);
  world.resolver = &resolver;
  world.evidence = nullptr;
  world.own = std::make_shared<const OwnIdentity>();
  AddressEvidence evidence;
  evidence.address = subject.client;
  for (const auto& policy : policies) {
    JudgeRequest(subject, policy, world, [&](const SessionReport& report) {
      evidence.answered.push_back(AnsweredBy(report));
      evidence.inputs = report.inputs;
      evidence.facts = report.judgement.facts;
      evidence.answers = report.answers;
      evidence.rdns = report.judgement.rdns;
    });
  }
  evidence.findings = Diagnose({evidence.inputs, evidence.answers, evidence.rdns});
  return evidence;
}

// The rules that ask nothing but what the name looks like: with no client and no answers, no other is true.
std::vector<Charge> LookOf(const Helo& helo, const Policy& policy, const CommandServices& world) {
  SessionInputs inputs;
  inputs.client_known = true;
  inputs.helo = helo;
  inputs.own = std::make_shared<const OwnIdentity>();
  JudgeOptions options;
  options.today = world.clock->Today();
  return ChargesOf(Judge(policy, inputs, {}, options));
}

// Those given, else the one that is the name, else the name's own: of these none that only the inside sees, if there
// are others.
std::vector<IpAddress> WhoSaysIt(const std::vector<IpAddress>& given, const AuditEvidence& evidence) {
  if (!given.empty()) return given;
  if (evidence.helo.address) return {evidence.helo.address->Unmapped()};
  if (!evidence.helo.domain) return {};
  std::vector<IpAddress> own = AddressesOf(*evidence.helo.domain, evidence.answers);
  if (!std::ranges::all_of(own, IsInside)) std::erase_if(own, IsInside);
  return own;
}

constexpr LookupSet kAddressLookup{LookupId::kHeloAddress};

}  // namespace

DnsAnswers LookUpAddresses(const DomainName& name, const CommandServices& world) {
  return Wait(Begin(kAddressLookup, {std::nullopt, name}, world).get(), world);
}

AuditEvidence GatherEvidence(const Helo& helo, const std::vector<IpAddress>& addresses, const Policies& policies,
                             const CommandServices& world) {
  AuditEvidence evidence;
  evidence.helo = helo;
  evidence.look = LookOf(helo, *policies.front(), world);
  const LookupSet everything = LookupsFor(kAllFacts);
  evidence.answers = Wait(Begin(everything, {std::nullopt, helo.domain}, world).get(), world);
  std::vector<IpAddress> clients = WhoSaysIt(addresses, evidence);
  if (clients.size() > kMaxAuditedAddresses) {
    evidence.left_out = clients.size() - kMaxAuditedAddresses;
    clients.resize(kMaxAuditedAddresses);
  }
  std::vector<std::shared_ptr<DnsGather>> gathers;
  gathers.reserve(clients.size());
  for (const IpAddress& client : clients) gathers.push_back(Begin(everything, {client, helo.domain}, world));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const DnsAnswers book = Wait(gathers[i].get(), world);
    evidence.addresses.push_back(Judged({clients[i], helo.text, std::nullopt, std::nullopt}, book, policies, world));
  }
  return evidence;
}

}  // namespace heloguard
