// From what a log says of a session to a verdict: inputs, facts, evaluation, as for a live session (build_facts.h,
// evaluate.h), but with what no log tells left unknown where a live session would know it. Knows no log format and
// counts nothing. RFC 5321 section 4.1.4 and all judging is the policy's. Tests: tests/cli/replay_test.py,
// tests/integration/replay_test.py.
#include "replay/replay_judge.h"

#include <algorithm>

#include "heloguard/judge/refusal.h"

namespace heloguard {
namespace {

// What a remembered judgement takes beside its key: itself, its place in the table, and the blocks they stand in.
constexpr std::size_t kOctetsOfJudgement = sizeof(ReplayJudgement) + 128;
// The name of the session in replies: there is no log to look it up in.
constexpr std::string_view kSessionId = "replay0000000000";

template <class T>
void AppendKey(std::string* key, const std::optional<T>& value) {
  key->push_back(value ? static_cast<char>('0' + static_cast<int>(*value)) : '-');
}

// Everything a judgement hangs on; texts that may hold anything stand behind their length.
std::string KeyOf(const LoggedSession& session) {
  std::string key;
  const std::string rdns = session.rdns.name ? session.rdns.name->ToWire() : "";
  key.reserve(64 + session.helo.size() + rdns.size());
  if (session.client) {
    const auto bytes = session.client->bytes();
    key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  key.push_back(session.source == LogSource::kHeloguard ? '=' : '/');
  AppendKey(&key, std::optional(session.helo_known));
  AppendKey(&key, session.rdns.status);
  AppendKey(&key, session.rdns_dnssec);
  AppendKey(&key, session.tls);
  AppendKey(&key, session.authenticated);
  AppendKey(&key, session.helo_changed);
  AppendKey(&key, std::optional(session.reached));
  key.append(std::to_string(session.port.value_or(0))).push_back('/');
  key.append(std::to_string(session.helo.size())).push_back('/');
  key.append(session.helo).append(rdns);
  if (session.recipient_exempt) key.append("/").append(session.to);
  return key;
}

// `looked_up`: reverse DNS is what was looked up, not what the log says.
SessionInputs InputsOf(const LoggedSession& session, const std::shared_ptr<const OwnIdentity>& own, bool looked_up) {
  SessionInputs inputs;
  inputs.client = session.client;
  inputs.client_known = true;
  inputs.port = session.port;
  inputs.tls = session.tls;
  inputs.authenticated = session.authenticated;
  if (session.helo_known == HeloKnowledge::kNone) inputs.helo = Helo{};
  if (session.helo_known == HeloKnowledge::kSaid) inputs.helo = ParseHelo(session.helo);
  inputs.helo_changed = session.helo_changed;
  inputs.own = own;
  if (!looked_up) {
    inputs.rdns = session.rdns;
    inputs.rdns->dnssec = session.rdns_dnssec;
  }
  return inputs;
}

// Unknown never refuses: what would be refused unless the client authenticated passes.
void Withhold(ReplayVerdict* verdict) {
  verdict->rule.reset();
  verdict->by_score = verdict->settled = false;
  verdict->withheld = true;
  verdict->unknown.Add(FactId::kClientAuthenticated);
}

ReplayVerdict VerdictOf(const Judgement& judgement) {
  ReplayVerdict result;
  result.mode = judgement.mode;
  if (!judgement.exempt.empty()) return result;
  const Verdict& verdict = judgement.verdict;
  result.score = verdict.score;
  result.outcome = judgement.outcome();
  result.rule = verdict.rule;
  result.by_score = verdict.by_score;
  result.settled = verdict.settled;
  result.worst = std::max(verdict.outcome, verdict.worst);
  result.unknown = verdict.unknown;
  for (std::size_t i = 0; i < judgement.policy->rules.size(); ++i) {
    const RuleTrace& trace = verdict.rules[i];
    if (trace.state == RuleTrace::State::kEvaluated && trace.truth == Truth::kTrue) result.held.push_back(i);
  }
  if (judgement.withheld) Withhold(&result);
  return result;
}

std::size_t OctetsOf(const std::string& key, const ReplayJudgement& judgement) {
  std::size_t held = judgement.verdict.held.capacity();
  if (judgement.against) held += judgement.against->held.capacity();
  const std::size_t rdns = judgement.rdns ? judgement.rdns->capacity() : 0;
  return kOctetsOfJudgement + key.capacity() + rdns + held * sizeof(std::size_t);
}

}  // namespace

bool IsJudged(const LoggedSession& session, const ReplayJudgement& judgement) {
  if (session.helo_known != HeloKnowledge::kNotLogged) return true;
  return judgement.verdict.settled && (!judgement.against || judgement.against->settled);
}

ReplayJudge::ReplayJudge(Policies policies, std::shared_ptr<const OwnIdentity> own, std::chrono::sys_days today,
                         std::size_t max_octets)
    : policies_(std::move(policies)), own_(std::move(own)), today_(today), max_octets_(max_octets) {}

LookupSet ReplayJudge::Lookups() const {
  return LookupsOf(*policies_.policy) | (policies_.against ? LookupsOf(*policies_.against) : LookupSet());
}

std::shared_ptr<const ReplayJudgement> ReplayJudge::Find(const LoggedSession& session) const {
  const auto found = known_.find(KeyOf(session));
  return found == known_.end() ? nullptr : found->second;
}

std::shared_ptr<const ReplayJudgement> ReplayJudge::Judge(const LoggedSession& session, const DnsAnswers* answers) {
  std::string key = KeyOf(session);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  auto judgement = std::make_shared<const ReplayJudgement>(JudgeAnew(session, answers));
  const std::size_t octets = OctetsOf(key, *judgement);
  if (octets_ + octets > max_octets_) {
    known_.clear();
    octets_ = 0;
  }
  octets_ += octets;
  known_.emplace(std::move(key), judgement);
  return judgement;
}

// heloguard's own lines name the exemption wherever their policy grants it, as policies do unless told otherwise; the
// policy compared with is likely to be the one that wrote them.
bool ReplayJudge::MayBeAuthenticated(const Policy& policy, const LoggedSession& session) const {
  if (!policy.exempt_authenticated || session.authenticated) return false;
  return session.source != LogSource::kHeloguard || (policies_.against && !policies_.against->exempt_authenticated);
}

Judgement ReplayJudge::JudgedBy(const Policy& policy, const LoggedSession& session, const SessionInputs& inputs,
                                const DnsAnswers& answers) const {
  JudgeOptions options;
  options.at = session.reached;
  options.today = today_;
  if (session.recipient_exempt) options.recipient = session.to;
  options.authentication_untold = MayBeAuthenticated(policy, session);
  return heloguard::Judge(policy, inputs, answers, options);
}

ReplayJudgement ReplayJudge::JudgeAnew(const LoggedSession& session, const DnsAnswers* answers) const {
  const SessionInputs inputs = InputsOf(session, own_, answers != nullptr);
  const DnsAnswers none;
  const DnsAnswers& book = answers == nullptr ? none : *answers;
  const Judgement judged = JudgedBy(*policies_.policy, session, inputs, book);
  ReplayJudgement judgement;
  judgement.verdict = VerdictOf(judged);
  if (policies_.against) {
    const ReplayVerdict then = VerdictOf(JudgedBy(*policies_.against, session, inputs, book));
    judgement.against = then.mode == Mode::kObserve ? ReplayVerdict() : then;
  }
  if (const DomainName* name = judged.rdns.ShownName()) judgement.rdns = name->ToText();
  judgement.rdns_status = judged.rdns.status;
  return judgement;
}

std::optional<std::string> ReplayJudge::ReplyOf(const LoggedSession& session, const ReplayJudgement& judgement,
                                                const DnsAnswers* answers) const {
  if (judgement.verdict.outcome == Outcome::kAccept) return std::nullopt;
  const SessionInputs inputs = InputsOf(session, own_, answers != nullptr);
  const DnsAnswers none;
  const DnsAnswers& book = answers == nullptr ? none : *answers;
  const auto reply = Refusal(JudgedBy(*policies_.policy, session, inputs, book), {inputs, book, kSessionId, ""});
  return reply ? std::optional(reply->ToString()) : std::nullopt;
}

}  // namespace heloguard
