// What a replay found as JSON: what it is called and in which order; and what the log does not tell, in sentences.
// Judges and counts nothing. Tests: tests/cli/replay_test.py.
#include "replay_report.h"

#include <algorithm>
#include <cmath>

namespace heloguard {
namespace {

constexpr std::size_t kMostNetworksShown = 1'000;

Json PolicyJson(const Policy& policy) {
  return {{"file", EscapeBytes(policy.where.file)},
          {"name", EscapeBytes(policy.name)},
          {"hash", policy.hash},
          {"mode", NameOf(policy.mode)}};
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

Json TotalsJson(const ReplayTally& tally) {
  Json mta = Json::object();
  Json cross = Json::object();
  for (std::size_t i = 0; i < kMtaOutcomes; ++i) {
    const std::string name(EnumNames<MtaOutcome>[i]);
    std::uint64_t sum = 0;
    for (const std::uint64_t count : tally.cross[i]) sum += count;
    mta[name] = sum;
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
          {"clients", tally.clients.size()},
          {"clients_capped", tally.clients.full()},
          {"networks", tally.networks.size()},
          {"networks_capped", tally.networks_full},
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
  return {{"against", ComparedTo(run)}, {"total", total}, {"kinds", std::move(list)}};
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

Json OverTimeJson(const ReplayRun& run) {
  Json buckets = Json::array();
  for (const auto& [number, bucket] : run.tally.buckets) {
    Json json = {{"start", IsoTime(LogTime(std::chrono::seconds(number * run.tally.bucket_seconds)))}};
    for (std::size_t i = 0; i < kOutcomes; ++i) json[std::string(EnumNames<Outcome>[i])] = bucket.verdicts[i];
    Json by_rule = Json::object();
    for (const auto& [row, count] : bucket.by_row) by_rule[RowName(run, row)] = count;
    json["by_rule"] = std::move(by_rule);
    buckets.push_back(std::move(json));
  }
  return {{"bucket_seconds", run.tally.bucket_seconds}, {"buckets", std::move(buckets)}};
}

// The worst first: by what would change, then by what would be refused.
Json NetworksJson(const ReplayTally& tally) {
  std::vector<const std::pair<const std::string, ReplayNetworkCount>*> order;
  order.reserve(tally.networks.size());
  for (const auto& entry : tally.networks) order.push_back(&entry);
  std::ranges::sort(order, [](const auto* a, const auto* b) {
    const auto key = [](const ReplayNetworkCount& n) { return std::tuple(n.changed, n.refused, n.sessions); };
    return key(a->second) != key(b->second) ? key(a->second) > key(b->second) : a->first < b->first;
  });
  order.resize(std::min(order.size(), kMostNetworksShown));
  Json networks = Json::array();
  for (const auto* entry : order) {
    networks.push_back({{"network", entry->first},
                        {"sessions", entry->second.sessions},
                        {"refused", entry->second.refused},
                        {"changed", entry->second.changed}});
  }
  return networks;
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

Json CannotTell(const ReplayRun& run) {
  const ReplayTally& tally = run.tally;
  const std::uint64_t mta = tally.sessions - tally.own;
  const std::uint64_t postfix = Of(tally, LogSource::kPostfix) + Of(tally, LogSource::kPostscreen);
  const std::uint64_t without = tally.sessions - tally.judged;
  const auto count = [](std::uint64_t n) { return std::to_string(n); };
  const std::string unheard = "The HELO name of " + count(without) + (without == 1 ? " session" : " sessions");
  const std::initializer_list<Limitation> all{
      {without > 0 && postfix > 0,
       unheard + ": Postfix logs it only where something is refused, unless smtpd_helo_restrictions has "
                 "check_helo_access static:INFO. They are not judged."},
      {without > 0 && postfix == 0 && mta > 0,
       unheard + ": Sendmail logs it only where a milter refuses it, or from LogLevel 15 on. They are not judged."},
      {without > 0 && mta == 0, unheard + ", which was too long for its line. They are not judged."},
      {!run.dns && tally.rdns_unknown > 0, "Why the reverse DNS of " + count(tally.rdns_unknown) +
                                               " judged sessions is not known: no PTR record, a name that leads "
                                               "elsewhere, or no answer. Rules that hang on "
                                               "it refuse none of them."},
      {!run.dns, "What the HELO names lead to in DNS, and its DNSSEC state; --dns looks it up as it is now."},
      {run.dns, "What DNS said then: everything was looked up as it is now."},
      {mta > 0, "Who the recipients of accepted mail were: that mail to exempt recipients passes is not counted in."},
      {tally.own > 0, "Whether a session was encrypted, and other names a client has besides the one that is logged."},
      {run.log.left_out() > 0,
       "What the mail server's own lines say about " + count(run.log.left_out()) +
           " sessions: heloguard's lines of the same time are taken instead (--source mta does not)."},
      {run.log.only_counted() > 0, count(run.log.only_counted()) +
                                       " more refusals of clients that were refused again and again: heloguard's log "
                                       "only counts them (log.repeats)."},
      {run.log.crowded_out() > 0,
       count(run.log.crowded_out()) + " sessions were open at once with too many others and may be counted twice."},
      {tally.clients.full() || tally.networks_full,
       "How many clients and networks there are in all: more were seen than are told apart."},
  };
  Json sentences = Json::array();
  for (const Limitation& limitation : all) {
    if (limitation.applies) sentences.push_back(limitation.text);
  }
  return sentences;
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
  const ReplayTally& tally = run.tally;
  const std::size_t networks = tally.networks.size();
  return {{"heloguard", HELOGUARD_VERSION},
          {"generated", run.generated},
          {"policy", PolicyJson(*run.policies.policy)},
          {"against", run.policies.against ? PolicyJson(*run.policies.against) : Json(nullptr)},
          {"logs", LogsJson(run.log)},
          {"exact", tally.own > 0 && tally.own == tally.sessions && run.log.only_counted() == 0},
          {"cannot_tell", CannotTell(run)},
          {"totals", TotalsJson(tally)},
          {"changes", ChangesJson(run)},
          {"rules", RulesJson(run)},
          {"over_time", OverTimeJson(run)},
          {"networks", NetworksJson(tally)},
          {"networks_more", networks - std::min(networks, kMostNetworksShown)},
          {"clients", ClientsJson(run)},
          {"clients_more", tally.changed_sessions_not_kept}};
}

}  // namespace heloguard
