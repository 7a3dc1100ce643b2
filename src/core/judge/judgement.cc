// Puts a judgement together: exemption, facts, verdict, mode. Each of these has its own file and its own tests; that
// they meet here only is what tests/scenario/agreement_test.cc holds the callers to. RFC 5321 section 4.5.1
// (postmaster). Tests: tests/unit/core/judge/judgement_test.cc.
#include "heloguard/judge/judgement.h"

#include <algorithm>

#include "heloguard/base/ascii.h"
#include "heloguard/policy/rollout.h"

namespace heloguard {

// "<Postmaster@Example.com>" is exempt if "postmaster" (the local part at any domain) or the whole address is listed.
bool IsExemptRecipient(const Policy& policy, std::string_view to) {
  std::string address = LowerCase(to);
  if (address.starts_with('<')) address.erase(0, 1);
  if (address.ends_with('>')) address.pop_back();
  const std::string local = address.substr(0, address.rfind('@'));
  return std::ranges::any_of(policy.exempt_recipients, [&](const std::string& exempt) {
    return exempt == (exempt.find('@') == std::string::npos ? local : address);
  });
}

std::string_view ExemptionOf(const Policy& policy, const SessionInputs& inputs) {
  if (inputs.client_known && !inputs.client) return "no-address";
  if (policy.exempt_authenticated && inputs.authenticated.value_or(false)) return "authenticated";
  return "";
}

Judgement Judge(const Policy& policy, const SessionInputs& inputs, const DnsAnswers& answers,
                const JudgeOptions& options) {
  Judgement judgement;
  judgement.policy = &policy;
  judgement.stage = options.at;
  judgement.today = options.today;
  judgement.resolver_ill = options.resolver_ill;
  judgement.mode = ModeFor(policy.mode, policy.percent, inputs.client);
  judgement.exempt = ExemptionOf(policy, inputs);
  if (judgement.exempt.empty() && !options.recipient.empty() && IsExemptRecipient(policy, options.recipient)) {
    judgement.exempt = "recipient";
  }
  judgement.rdns = AssessRdns(inputs, answers);
  judgement.facts = BuildFacts(policy.facts | options.extra_facts, {inputs, answers, judgement.rdns});
  judgement.verdict =
      Evaluate(policy, judgement.facts, {options.at, options.today, inputs.client, options.resolver_ill});
  judgement.withheld = options.authentication_untold && policy.exempt_authenticated && !inputs.authenticated &&
                       judgement.exempt.empty() && judgement.verdict.outcome != Outcome::kAccept;
  return judgement;
}

std::string_view DecidingRule(const Judgement& judgement) {
  if (judgement.verdict.by_score) return "score";
  return judgement.verdict.rule ? std::string_view(judgement.policy->rules[*judgement.verdict.rule].name) : "";
}

}  // namespace heloguard
