// check_host() for the HELO identity: RFC 7208 sections 4 to 6. Runs from the beginning over the answers there are;
// the first question it has no answer to ends the run. Asks nothing itself. Thread rule: pure.
// Tests: tests/unit/core/dns/spf_test.cc, spf_limits_test.cc, spf_property_test.cc.
#include "heloguard/dns/spf.h"

#include <algorithm>

#include "heloguard/base/escape.h"
#include "heloguard/dns/lookup.h"

namespace heloguard {
namespace {

// How a mechanism, or a part of one, comes out. kWaiting: there are questions to ask first.
enum class Match : std::uint8_t { kYes, kNo, kTemperror, kPermerror, kWaiting };
struct Step {
  Match match = Match::kNo;
  std::string why;  // for errors, and for what lies beneath an include that matches; escaped
};

std::string TextOf(const DnsQuestion& question) {
  return std::string(NameOf(question.type)) + " of " + question.name.ToText();
}

std::string Shown(std::string_view text) {
  constexpr std::size_t kMaxShown = 128;
  return EscapeBytes(text, kMaxShown);
}

// Sections 5 and 5.6: the first bits of both agree. Families never do, mapped addresses are of the family they are
// written in.
bool InPrefix(const IpAddress& client, const IpAddress& network, unsigned length) {
  if (client.is_v4() != network.is_v4()) return false;
  const auto a = client.bytes();
  const auto b = network.bytes();
  const std::size_t whole = length / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
  const unsigned bits = length % 8;
  return bits == 0 || ((static_cast<unsigned>(a[whole] ^ b[whole]) >> (8 - bits)) == 0);
}

class Evaluator {
 public:
  Evaluator(const SpfIdentity& identity, const DnsAnswers& book) : identity_(identity), book_(book) {}

  SpfEvaluation Run() {
    SpfEvaluation evaluation;
    Ending ending = CheckHost(identity_.helo, false);
    evaluation.record = std::move(own_record_);
    evaluation.result = ending.result;
    if (!ending.result) {
      evaluation.questions = std::move(missing_);
      return evaluation;
    }
    evaluation.why = identity_.helo.ToText() + ": " + ending.why;
    if (doubt_ && *ending.result != SpfResult::kPass) {
      evaluation.result = SpfResult::kTemperror;
      evaluation.why += ", but the client's reverse DNS could not be looked up";
    }
    return evaluation;
  }

 private:
  struct Ending {
    std::optional<SpfResult> result;  // nullopt: waiting
    std::string why;
  };
  // Whose record is read. `strict`: a match beneath does not lead to a pass, see Doubt.
  struct Frame {
    DomainName domain;
    bool strict = false;
  };

  // --- answers ---

  // Null if there is none yet; the question is noted then, unless it is out.
  const DnsAnswer* Answer(const DnsQuestion& question) {
    const DnsAnswer* answer = book_.Find(question);
    if (answer == nullptr && std::ranges::find(missing_, question) == missing_.end()) missing_.push_back(question);
    return answer == nullptr || answer->status == DnsStatus::kNotAsked ? nullptr : answer;
  }
  static Step Failed(const DnsQuestion& question, const DnsAnswer& answer) {
    return {Match::kTemperror, TextOf(question) + ": " + std::string(NameOf(answer.status))};
  }
  // Section 4.6.4, of a term's own question.
  Step CountIfVoid(const DnsAnswer& answer) {
    if (!answer.data.empty() || ++void_lookups_ <= kMaxSpfVoidLookups) return {Match::kYes, ""};
    return {Match::kPermerror, "more than 2 terms look up what is not there"};
  }
  Step CountLookup() {
    if (++lookup_terms_ <= kMaxSpfLookupTerms) return {Match::kYes, ""};
    return {Match::kPermerror, "more than 10 terms look something up"};
  }

  // --- the client's validated names (section 5.5) ---

  struct Names {
    std::vector<DomainName> valid;
    bool waiting = false;
    bool error = false;  // something could not be looked up
    Step step{Match::kYes, ""};
  };
  // Only names that `wanted` agrees to are looked at. `count`: the lookup is the term's own question.
  template <class Wanted>
  Names ValidatedNames(bool count, Wanted wanted) {
    Names names;
    const DnsAnswer* ptr = Answer({DomainName::Reverse(identity_.client), RecordType::kPtr});
    names.waiting = ptr == nullptr;
    names.error = ptr != nullptr && IsTransient(ptr->status);
    if (names.waiting || names.error) return names;
    if (count) names.step = CountIfVoid(*ptr);
    for (std::size_t i = 0; i < std::min(ptr->data.size(), kMaxSpfNames); ++i) {
      const auto* name = std::get_if<DomainName>(&ptr->data[i]);
      if (name == nullptr || !wanted(*name)) continue;
      const DnsAnswer* forward = Answer({*name, AddressTypeFor(identity_.client)});
      if (forward == nullptr) {
        names.waiting = true;
      } else if (IsTransient(forward->status)) {
        names.error = true;
      } else if (std::ranges::find(forward->data, DnsRecord(identity_.client)) != forward->data.end()) {
        names.valid.push_back(*name);
      }
    }
    return names;
  }

  // Section 5.5 and 7.3: an error in reverse DNS is no match, or "unknown". Where that could spare somebody a refusal
  // by a term that is not a pass, it ends the run; elsewhere the end of the run tells whether it mattered.
  Step Doubt(const Frame& frame, SpfResult result) {
    if (frame.strict || result != SpfResult::kPass) {
      return {Match::kTemperror, "the client's reverse DNS could not be looked up"};
    }
    doubt_ = true;
    return {Match::kNo, ""};
  }

  // --- target names (sections 4.8 and 7) ---

  struct Target {
    Step step{Match::kYes, ""};  // kYes: there is a name; kNo: what comes out is none
    DomainName name;
  };
  Target TargetOf(const std::string& spec, const Frame& frame, SpfResult result) {
    if (spec.empty()) return {{Match::kYes, ""}, frame.domain};
    SpfMacroValues values{identity_.client, identity_.helo, frame.domain, "unknown"};
    std::string validated;
    if (UsesValidatedName(spec)) {
      const Step step = FindValidatedName(frame, result, &validated);
      if (step.match != Match::kYes) return {step, {}};
      values.validated = validated;
    }
    const auto name = SpfTargetName(ExpandSpfMacros(spec, values));
    return name ? Target{{Match::kYes, ""}, *name}
                : Target{{Match::kNo, "no domain name comes out of " + Shown(spec)}, {}};
  }

  // %{p}: the domain itself, else a name beneath it, else any (section 7.3). Its PTR lookup counts (section 4.6.4).
  Step FindValidatedName(const Frame& frame, SpfResult result, std::string* text) {
    *text = "unknown";
    if (Step step = CountLookup(); step.match != Match::kYes) return step;
    // A name is put into another one as text: one that would read differently there is passed over.
    const Names names = ValidatedNames(
        false, [](const DomainName& name) { return !name.empty() && DomainName::FromText(name.ToText()) == name; });
    if (names.waiting) return {Match::kWaiting, ""};
    if (names.error) {
      const Step doubt = Doubt(frame, result);
      return doubt.match == Match::kNo ? Step{Match::kYes, ""} : doubt;
    }
    const auto best = std::ranges::max_element(names.valid, {}, [&](const DomainName& name) {
      return name == frame.domain ? 2 : name.IsAtOrUnder(frame.domain) ? 1 : 0;
    });
    if (best != names.valid.end()) *text = best->ToText();
    return {Match::kYes, ""};
  }

  // --- mechanisms (section 5) ---

  [[nodiscard]] bool HoldsClient(const DnsAnswer& answer, const SpfTerm& term) const {
    return std::ranges::any_of(answer.data, [&](const DnsRecord& record) {
      const auto* address = std::get_if<IpAddress>(&record);
      return address != nullptr &&
             InPrefix(identity_.client, *address, address->is_v4() ? term.prefix_v4 : term.prefix_v6);
    });
  }

  // The part of include, a, mx, ptr and exists that is the same: the count and the target name.
  Target BeginLookup(const SpfTerm& term, const Frame& frame) {
    const Step counted = CountLookup();
    if (counted.match != Match::kYes) return {counted, {}};
    return TargetOf(term.domain, frame, term.result);
  }

  Step MatchAddresses(const SpfTerm& term, const DomainName& target) {
    const DnsQuestion question{target, AddressTypeFor(identity_.client)};
    const DnsAnswer* answer = Answer(question);
    if (answer == nullptr) return {Match::kWaiting, ""};
    if (IsTransient(answer->status)) return Failed(question, *answer);
    if (Step step = CountIfVoid(*answer); step.match != Match::kYes) return step;
    return {HoldsClient(*answer, term) ? Match::kYes : Match::kNo, ""};
  }

  // All names side by side: one that holds the client settles it, whatever becomes of the others.
  Step MatchMx(const SpfTerm& term, const DomainName& target) {
    const DnsQuestion question{target, RecordType::kMx};
    const DnsAnswer* mx = Answer(question);
    if (mx == nullptr) return {Match::kWaiting, ""};
    if (IsTransient(mx->status)) return Failed(question, *mx);
    if (Step step = CountIfVoid(*mx); step.match != Match::kYes) return step;
    if (mx->data.size() > kMaxSpfNames) return {Match::kPermerror, TextOf(question) + ": more than 10 names"};
    Step worst{Match::kNo, ""};
    for (const DnsRecord& record : mx->data) {
      const auto* exchange = std::get_if<MxRecord>(&record);
      if (exchange == nullptr || exchange->exchange.empty()) continue;  // a null MX (RFC 7505)
      const DnsQuestion address{exchange->exchange, AddressTypeFor(identity_.client)};
      const DnsAnswer* answer = Answer(address);
      if (answer == nullptr) {
        worst = {Match::kWaiting, ""};
      } else if (HoldsClient(*answer, term)) {
        return {Match::kYes, ""};
      } else if (IsTransient(answer->status) && worst.match == Match::kNo) {
        worst = Failed(address, *answer);
      }
    }
    return worst;
  }

  // Names elsewhere than at or under the target need no lookup: they cannot match.
  Step MatchPtr(const SpfTerm& term, const Frame& frame, const DomainName& target) {
    const Names names = ValidatedNames(true, [&](const DomainName& name) { return name.IsAtOrUnder(target); });
    if (names.step.match != Match::kYes) return names.step;
    if (!names.valid.empty()) return {Match::kYes, ""};
    if (names.waiting) return {Match::kWaiting, ""};
    return names.error ? Doubt(frame, term.result) : Step{Match::kNo, ""};
  }

  // Section 5.7: A records, whatever the client's family.
  Step MatchExists(const DomainName& target) {
    const DnsQuestion question{target, RecordType::kA};
    const DnsAnswer* answer = Answer(question);
    if (answer == nullptr) return {Match::kWaiting, ""};
    if (IsTransient(answer->status)) return Failed(question, *answer);
    if (Step step = CountIfVoid(*answer); step.match != Match::kYes) return step;
    return {answer->data.empty() ? Match::kNo : Match::kYes, ""};
  }

  // Section 5.2, the table.
  Step MatchInclude(const SpfTerm& term, const Frame& frame, const DomainName& target) {
    const Ending ending = CheckHost(target, frame.strict || term.result != SpfResult::kPass);
    if (!ending.result) return {Match::kWaiting, ""};
    switch (*ending.result) {
      case SpfResult::kPass:
        return {Match::kYes, ending.why};
      case SpfResult::kFail:
      case SpfResult::kSoftfail:
      case SpfResult::kNeutral:
        return {Match::kNo, ""};
      case SpfResult::kTemperror:
        return {Match::kTemperror, ending.why};
      case SpfResult::kNone:
      case SpfResult::kPermerror:
        return {Match::kPermerror, ending.why};
    }
    return {};
  }

  Step MatchTerm(const SpfTerm& term, const Frame& frame) {
    switch (term.mechanism) {
      case SpfMechanism::kAll:
        return {Match::kYes, ""};
      case SpfMechanism::kIp4:
        return {InPrefix(identity_.client, term.address, term.prefix_v4) ? Match::kYes : Match::kNo, ""};
      case SpfMechanism::kIp6:
        return {InPrefix(identity_.client, term.address, term.prefix_v6) ? Match::kYes : Match::kNo, ""};
      case SpfMechanism::kInclude:
      case SpfMechanism::kA:
      case SpfMechanism::kMx:
      case SpfMechanism::kPtr:
      case SpfMechanism::kExists:
        break;
    }
    const Target target = BeginLookup(term, frame);
    if (target.step.match != Match::kYes) {
      // A name that is none has no record: nothing matches, and to include it is an error (sections 4.3 and 5.2).
      const bool include = term.mechanism == SpfMechanism::kInclude && target.step.match == Match::kNo;
      return include ? Step{Match::kPermerror, target.step.why} : target.step;
    }
    if (term.mechanism == SpfMechanism::kInclude) return MatchInclude(term, frame, target.name);
    if (term.mechanism == SpfMechanism::kA) return MatchAddresses(term, target.name);
    if (term.mechanism == SpfMechanism::kMx) return MatchMx(term, target.name);
    if (term.mechanism == SpfMechanism::kPtr) return MatchPtr(term, frame, target.name);
    return MatchExists(target.name);
  }

  // --- check_host (section 4) ---

  // Sections 4.3 to 4.5: the one record of a domain. Without one, `ending` says how it ends.
  std::optional<SpfRecord> FetchRecord(const DomainName& domain, Ending* ending) {
    if (domain.labels().size() < 2) {
      *ending = {SpfResult::kNone, "not a name of several labels"};
      return std::nullopt;
    }
    const DnsQuestion question{domain, RecordType::kTxt};
    const DnsAnswer* txt = Answer(question);
    if (txt == nullptr) return std::nullopt;
    if (IsTransient(txt->status)) {
      *ending = {SpfResult::kTemperror, Failed(question, *txt).why};
      return std::nullopt;
    }
    const auto texts = SpfRecordsOf(*txt);
    if (texts.size() != 1) {
      *ending = texts.empty() ? Ending{SpfResult::kNone, "no SPF record"}
                              : Ending{SpfResult::kPermerror, "more than one SPF record"};
      return std::nullopt;
    }
    if (own_record_.empty()) own_record_ = texts.front();
    auto record = ParseSpfRecord(texts.front());
    if (record.ok()) return std::move(record).value();
    const Error& error = record.error();
    *ending = {SpfResult::kPermerror, "octet " + std::to_string(error.where.column) + ": " + error.message};
    return std::nullopt;
  }

  Ending CheckHost(DomainName domain, bool strict) {
    std::string path;  // of redirects
    while (true) {
      Ending ending;
      const auto record = FetchRecord(domain, &ending);
      if (!record) {
        // Section 6.1: what one is sent to has a record.
        if (!path.empty() && ending.result == SpfResult::kNone) ending.result = SpfResult::kPermerror;
        ending.why = path + ending.why;
        return ending;
      }
      const Frame frame{domain, strict};
      if (const auto ended = WalkTerms(*record, frame)) return {ended->result, path + ended->why};
      if (!record->redirect) return {SpfResult::kNeutral, path + "nothing matches"};  // section 4.7
      path += "redirect=" + Shown(*record->redirect) + " -> ";
      const Target target = RedirectTarget(*record->redirect, frame);
      if (target.step.match != Match::kYes) return Ended(target.step, path);
      domain = target.name;
    }
  }

  Target RedirectTarget(const std::string& spec, const Frame& frame) {
    const Step counted = CountLookup();
    if (counted.match != Match::kYes) return {counted, {}};
    // Where %{p} cannot be looked up, the whole rest hangs on it.
    Target target = TargetOf(spec, {frame.domain, true}, SpfResult::kPass);
    if (target.step.match == Match::kNo) target.step.match = Match::kPermerror;
    return target;
  }

  static Ending Ended(const Step& step, const std::string& path) {
    if (step.match == Match::kWaiting) return {};
    return {step.match == Match::kTemperror ? SpfResult::kTemperror : SpfResult::kPermerror, path + step.why};
  }

  // nullopt if no term matches.
  std::optional<Ending> WalkTerms(const SpfRecord& record, const Frame& frame) {
    for (const SpfTerm& term : record.terms) {
      const Step step = MatchTerm(term, frame);
      if (step.match == Match::kNo) continue;
      const std::string path = Shown(term.text) + (step.why.empty() ? "" : " -> ");
      if (step.match == Match::kYes) return Ending{term.result, path + step.why};
      return Ended(step, path);
    }
    return std::nullopt;
  }

  const SpfIdentity& identity_;
  const DnsAnswers& book_;
  std::vector<DnsQuestion> missing_;
  std::size_t lookup_terms_ = 0;
  std::size_t void_lookups_ = 0;
  bool doubt_ = false;
  std::string own_record_;
};

}  // namespace

SpfEvaluation EvaluateSpf(const SpfIdentity& identity, const DnsAnswers& book) {
  return Evaluator(identity, book).Run();
}

}  // namespace heloguard
