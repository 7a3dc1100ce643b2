// What a replay found as JSON: what it is called and in which order; and what the log does not tell, in sentences.
// Judges and counts nothing. Tests: tests/cli/replay_test.py.
#include "app/replay/replay_report.h"

#include <algorithm>
#include <cmath>

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxNetworksShown = 1'000;

// `judged_as`: the mode the numbers are of.
Json PolicyJson(const Policy& policy, Mode judged_as) {
  return {{"file", EscapeBytes(policy.where.file)},
          {"name", EscapeBytes(policy.name)},
          {"hash", policy.hash},
          {"mode", NameOf(policy.mode)},
          {"percent", policy.percent ? Json(*policy.percent) : Json(nullptr)},
          {"judged_as", NameOf(judged_as)}};
}

Json TimeJson(const std::optional<LogTime>& time) { return time ? Json(IsoTime(*time)) : Json(nullptr); }
Json TextOrNull(std::string_view text) { return text.empty() ? Json(nullptr) : Json(EscapeBytes(text)); }
Json OrNull(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

Json LogsJson(const MailLog& log) {
  Json logs = Json::array();
  for (const LogFileCount& file : log.counts()) {
    logs.push_back({{"file", EscapeBytes(file.name)},
                    {"bytes", file.bytes},
                    {"lines", file.lines},
                    {"skipped_lines", file.skipped},
                    {"first", TimeJson(file.first)},
                    {"last", TimeJson(file.last)}});
  }
  return logs;
}

Json VerdictsJson(const OutcomeCounts& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kOutcomes; ++i) json[std::string(EnumNames<Outcome>[i])] = counts[i];
  return json;
}

Json TotalsJson(const ReplayRun& run) {
  const ReplayTally& tally = run.tally;
  Json mta = Json::object();
  Json cross = Json::object();
  for (std::size_t i = 0; i < kMtaOutcomes; ++i) {
    const std::string name(EnumNames<MtaOutcome>[i]);
    mta[name] = tally.mta[i];
    cross[name] = VerdictsJson(tally.cross[i]);
  }
  Json sources = Json::object();
  for (std::size_t i = 0; i < tally.sources.size(); ++i) {
    if (tally.sources[i] > 0) sources[std::string(EnumNames<LogSource>[i])] = tally.sources[i];
  }
  return {{"sessions", tally.sessions},
          {"judged", tally.judged},
          {"without_helo", tally.sessions - tally.judged},
          {"undecided", tally.undecided},
          {"left_out", run.log.left_out()},
          {"clients", tally.clients.size()},
          {"clients_capped", tally.clients.full()},
          {"networks", tally.networks.size()},
          {"networks_capped", tally.network_sessions_not_kept > 0},
          {"sources", std::move(sources)},
          {"verdicts", VerdictsJson(tally.verdicts)},
          {"mta", std::move(mta)},
          {"cross", std::move(cross)}};
}

std::string_view ComparedTo(const ReplayRun& run) {
  if (run.policies.against != nullptr) return "policy";
  return run.tally.own > 0 ? "heloguard" : "mta";
}

Json ChangesJson(const ReplayRun& run) {
  std::vector<std::pair<ReplayChange, ReplayChangeCount>> kinds(run.tally.changes.begin(), run.tally.changes.end());
  std::ranges::stable_sort(kinds, [](const auto& a, const auto& b) { return a.second.sessions > b.second.sessions; });
  Json list = Json::array();
  std::uint64_t total = 0;
  for (const auto& [change, count] : kinds) {
    total += count.sessions;
    list.push_back({{"from", NameOf(change.from)},
                    {"to", NameOf(change.to)},
                    {"sessions", count.sessions},
                    {"clients", count.clients}});
  }
  return {
      {"against", ComparedTo(run)}, {"total", total}, {"uncertain", run.tally.may_change}, {"kinds", std::move(list)}};
}

// What a row of the tally is called.
std::string RowName(const ReplayRun& run, std::size_t row) {
  if (row == run.tally.score_tempfail_row()) return "score-tempfail";
  if (row == run.tally.score_reject_row()) return "score-reject";
  return EscapeBytes(run.policies.policy->rules[row].name);
}

Json RulesJson(const ReplayRun& run) {
  const Policy& policy = *run.policies.policy;
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < run.tally.rows.size(); ++row) {
    const bool enabled = row >= policy.rules.size() || policy.rules[row].enabled;
    if (run.tally.rows[row].sessions > 0 || (row < policy.rules.size() && enabled)) order.push_back(row);
  }
  std::ranges::stable_sort(order,
                           [&](auto a, auto b) { return run.tally.rows[a].sessions > run.tally.rows[b].sessions; });
  Json rules = Json::array();
  for (const std::size_t row : order) {
    const ReplayRuleCount& count = run.tally.rows[row];
    const bool is_rule = row < policy.rules.size();
    const std::string_view threshold = row == run.tally.score_reject_row() ? "reject" : "tempfail";
    rules.push_back({{"rule", RowName(run, row)},
                     {"action", is_rule ? NameOf(policy.rules[row].action) : threshold},
                     {"mode", NameOf(is_rule ? policy.rules[row].mode : policy.mode)},
                     {"sessions", count.sessions},
                     {"decided", count.decided},
                     {"clients", count.clients},
                     {"changed", count.changed}});
  }
  return rules;
}

Json OverTimeJson(const ReplayRun& run, const ReplayTimes& times) {
  Json buckets = Json::array();
  for (const auto& [number, bucket] : times.buckets) {
    Json json = {{"start", IsoTime(LogTime(std::chrono::seconds(number * times.bucket_seconds)))}};
    for (std::size_t i = 0; i < kOutcomes; ++i) json[std::string(EnumNames<Outcome>[i])] = bucket.verdicts[i];
    Json by_rule = Json::object();
    for (const auto& [row, count] : bucket.by_row) by_rule[RowName(run, row)] = count;
    json["by_rule"] = std::move(by_rule);
    buckets.push_back(std::move(json));
  }
  return {{"bucket_seconds", times.bucket_seconds}, {"buckets", std::move(buckets)}};
}

using NetworkOrder = std::vector<const std::pair<const std::string, ReplayNetworkCount>*>;

// The worst first: by what would change, then by what would be refused.
NetworkOrder NetworksInOrder(const ReplayTally& tally) {
  NetworkOrder order;
  order.reserve(tally.networks.size());
  for (const auto& entry : tally.networks) order.push_back(&entry);
  std::ranges::sort(order, [](const auto* a, const auto* b) {
    const auto key = [](const ReplayNetworkCount& n) { return std::tuple(n.changed, n.refused, n.sessions); };
    return key(a->second) != key(b->second) ? key(a->second) > key(b->second) : a->first < b->first;
  });
  return order;
}

// The first networks of `order`, and how much stands behind those.
void PutNetworks(const ReplayTally& tally, Json* json) {
  const NetworkOrder order = NetworksInOrder(tally);
  const std::size_t shown = std::min(order.size(), kMaxNetworksShown);
  std::uint64_t sessions_more = tally.network_sessions_not_kept;
  Json networks = Json::array();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& [network, count] = *order[i];
    if (i >= shown) {
      sessions_more += count.sessions;
      continue;
    }
    networks.push_back({{"network", network},
                        {"sessions", count.sessions},
                        {"judged", count.judged},
                        {"refused", count.refused},
                        {"changed", count.changed}});
  }
  (*json)["networks"] = std::move(networks);
  (*json)["networks_more"] = order.size() - shown;
  (*json)["networks_more_sessions"] = sessions_more;
}

Json ClientJson(const ReplayRun& run, const ReplayClient& client) {
  const LoggedSession& session = client.example;
  const ReplayVerdict& verdict = client.judgement->verdict;
  const bool decided = verdict.rule || verdict.by_score;
  Json unknown = Json::array();
  for (const FactSpec& spec : FactTable()) {
    if (verdict.unknown.Has(spec.id)) unknown.push_back(spec.name);
  }
  const auto& status = client.judgement->rdns_status;
  return {{"client", session.client ? Json(session.client->ToString()) : Json(nullptr)},
          {"rdns", OrNull(client.judgement->rdns)},
          {"rdns_status", status ? Json(NameOf(*status)) : Json(nullptr)},
          {"helo", session.helo_known == HeloKnowledge::kSaid ? Json(EscapeBytes(session.helo)) : Json(nullptr)},
          {"verdict", NameOf(client.change.to)},
          {"was", NameOf(client.change.from)},
          {"rule", decided ? Json(RowName(run, run.tally.RowOf(verdict))) : Json(nullptr)},
          {"mode", NameOf(verdict.mode)},
          {"score", std::round(verdict.score * 1000) / 1000},
          {"reply", OrNull(client.reply)},
          {"sessions", client.sessions},
          {"first", IsoTime(client.first)},
          {"last", IsoTime(client.last)},
          {"mta", NameOf(session.mta)},
          {"from", TextOrNull(session.from)},
          {"unknown", std::move(unknown)}};
}

Json ClientsJson(const ReplayRun& run) {
  std::vector<const ReplayClient*> order;
  for (const ReplayClient& client : run.tally.changed_clients) order.push_back(&client);
  std::ranges::stable_sort(order, [](const auto* a, const auto* b) { return a->sessions > b->sessions; });
  Json clients = Json::array();
  for (const ReplayClient* client : order) clients.push_back(ClientJson(run, *client));
  return clients;
}

std::uint64_t Of(const ReplayTally& tally, LogSource source) { return tally.sources[static_cast<std::size_t>(source)]; }

struct Limitation {
  bool applies;
  std::string text;
};

// "1 session", "7 sessions"
std::string Sessions(std::uint64_t number, const std::string& kind = "") {
  return std::to_string(number) + " " + kind + (number == 1 ? "session" : "sessions");
}

std::vector<Limitation> OfTheHelo(const ReplayTally& tally) {
  const std::uint64_t without = tally.sessions - tally.judged;
  const bool postfix = Of(tally, LogSource::kPostfix) + Of(tally, LogSource::kPostscreen) > 0;
  const bool mta = tally.sessions > tally.own;
  const std::string unheard = "The HELO name of " + Sessions(without);
  const std::string unjudged = without == 1 ? " It is not judged." : " They are not judged.";
  return {
      {without > 0 && postfix, unheard +
                                   ": Postfix logs it only where something is refused, unless smtpd_helo_restrictions "
                                   "has check_helo_access static:INFO." +
                                   unjudged},
      {without > 0 && !postfix && mta,
       unheard + ": Sendmail logs it only where a milter refuses it, or from LogLevel 15 on." + unjudged},
      {without > 0 && !mta, unheard + ", which was too long for its line." + unjudged},
  };
}

std::vector<Limitation> OfDns(const ReplayRun& run) {
  const std::uint64_t unknown = run.tally.rdns_unknown;
  return {
      {!run.dns && unknown > 0, "Why the reverse DNS of " + Sessions(unknown, "judged ") +
                                    " is not known: no PTR record, a name that leads elsewhere, or no answer. "
                                    "Rules that hang on it refuse none of them."},
      {!run.dns, "What the HELO names lead to in DNS, and its DNSSEC state; --dns looks it up as it is now."},
      {run.dns, "What DNS said then: everything was looked up as it is now."},
  };
}

std::vector<Limitation> OfTheSession(const ReplayRun& run) {
  const ReplayTally& tally = run.tally;
  const Policy& policy = *run.policies.policy;
  const std::uint64_t withheld = tally.authentication_unknown;
  return {
      {withheld > 0, "Whether the client had authenticated in " + Sessions(withheld) +
                         " that the policy refuses unless it had: counted as accepted."},
      {tally.sessions > tally.own && !policy.exempt_recipients.empty(),
       "Who all recipients were: a session with none but exempt ones would pass, and here it is judged like any other. "
       "In this alone the policy may look harder than it is."},
      {tally.own > 0, "Whether a session was encrypted, and other names a client has besides the one that is logged."},
      {tally.own > 0 && policy.exempt_authenticated,
       "Whether a client had authenticated where the policy that wrote heloguard's lines does not exempt such clients: "
       "taken as not."},
  };
}

std::vector<Limitation> OfTheLog(const ReplayRun& run, const ReplayTimes& times) {
  const MailLog& log = run.log;
  const std::uint64_t own = run.tally.own;
  const std::uint64_t unmatched = log.left_out() > own ? log.left_out() - own : 0;
  return {
      {log.left_out() > 0, "What the mail server's own lines say about " + Sessions(log.left_out()) +
                               ": heloguard's lines of the same time are taken instead (--source mta does not)."},
      {unmatched > 0, "At least " + Sessions(unmatched) +
                          " of the mail server's that heloguard has no line of: they are in no number here."},
      {log.only_counted() > 0,
       std::to_string(log.only_counted()) + (log.only_counted() == 1 ? " more session" : " more sessions") +
           " of clients that came again and again: heloguard's log only counts them (log.repeats)."},
      {log.without_address() > 0,
       Sessions(log.without_address()) + " whose client has no address in the log: they are in no number here."},
      {log.forwarded() > 0,
       Sessions(log.forwarded()) +
           " in which a content filter gave mail back to Postfix: the client's own is counted, and "
           "these are in no number here."},
      {log.crowded_out() > 0,
       Sessions(log.crowded_out()) + " open at once with too many others, which may be counted twice."},
      {times.left_out > 0, "When " + Sessions(times.left_out) +
                               " took place: the log's time is more than two years from all others, as of a clock that "
                               "was wrong, and left out of the chart."},
      {run.tally.clients.full() || run.tally.network_sessions_not_kept > 0,
       "How many clients and networks there are in all: more were seen than are told apart."},
  };
}

Json CannotTell(const ReplayRun& run, const ReplayTimes& times) {
  Json sentences = Json::array();
  for (const auto& limitations : {OfTheHelo(run.tally), OfDns(run), OfTheSession(run), OfTheLog(run, times)}) {
    for (const Limitation& limitation : limitations) {
      if (limitation.applies) sentences.push_back(limitation.text);
    }
  }
  return sentences;
}

// Every session is told by a line of heloguard's, and every one it judged has a line.
bool IsExact(const ReplayRun& run) {
  const std::uint64_t own = run.tally.own;
  return own > 0 && own == run.tally.sessions && run.log.left_out() <= own && run.log.only_counted() == 0;
}

}  // namespace

std::string IsoTime(LogTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

Json ReplayJson(const ReplayRun& run) {
  const Policy* against = run.policies.against.get();
  const ReplayTimes times = run.tally.OverTime();
  Json json = {{"heloguard", HELOGUARD_VERSION},
               {"generated", run.generated},
               {"policy", PolicyJson(*run.policies.policy, Mode::kEnforce)},
               {"against", against != nullptr ? PolicyJson(*against, against->mode) : Json(nullptr)},
               {"logs", LogsJson(run.log)},
               {"exact", IsExact(run)},
               {"cannot_tell", CannotTell(run, times)},
               {"totals", TotalsJson(run)},
               {"changes", ChangesJson(run)},
               {"rules", RulesJson(run)},
               {"over_time", OverTimeJson(run, times)}};
  PutNetworks(run.tally, &json);
  json["clients"] = ClientsJson(run);
  json["clients_more_sessions"] = run.tally.changed_sessions_not_kept;
  return json;
}

}  // namespace heloguard
