// Policies for sessions made of bytes. All but the deferring one promise: what is unknown never makes an outcome
// stricter. Loaded once a process.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/toml/policy_reader.h"
#include "heloguard/policy/policy.h"
#include "session_world.h"

namespace heloguard {

struct SamplePolicy {
  std::shared_ptr<const Policy> policy;
  bool may_defer = false;  // some rule defers for want of an answer; none refuses for it
};

class SamplePolicies {
 public:
  [[nodiscard]] static const SamplePolicy& Of(unsigned number) {
    static const SamplePolicies all;
    return all.policies_[number % all.policies_.size()];
  }

 private:
  static constexpr unsigned kMadeUp = 10;

  static constexpr const char* kEarly = R"(
schema = 1
[policy]
stage = "helo"
[[rule]]
name = "ours"
when.helo.traits = "ours"
action = "reject"
[[rule]]
name = "known"
when.helo.rdns = ["same", "same-domain"]
action = "accept"
[[rule]]
name = "no-reverse"
when.rdns.status = ["fail", "permerror"]
action = "reject"
[[rule]]
name = "late"
stage = "mail"
when.helo.address = ["nxdomain", "nodata"]
overrides_rfc5321 = true
action = "tempfail"
)";
  static constexpr const char* kDeferring = R"(
schema = 1
[policy]
score = { tempfail = 2.0, reject = 4.0 }
[[rule]]
name = "owed"
when.rdns.status = "temperror"
action = "tempfail"
[[rule]]
name = "unsure"
when.helo.kind = "fqdn"
when.spf.helo = ["fail", "softfail"]
action = "reject"
on_unknown = "tempfail"
[[rule]]
name = "no-reverse"
when.rdns.status = ["fail", "permerror"]
score = 2.0
[[rule]]
name = "no-mx"
when.helo.mx = ["none", "null"]
score = 2.0
)";

  SamplePolicies() {
    const std::string folder = std::string(HELOGUARD_SOURCE_DIR) + "/policies/";
    for (const char* const name : {"default.toml", "strict.toml", "submission.toml"}) {
      policies_.push_back({Loaded(ReadPolicy(folder + name, Options())), false});
    }
    policies_.push_back({FromText(kEarly), false});
    policies_.push_back({FromText(kDeferring), true});
    auto observing = std::make_shared<Policy>(*policies_[1].policy);
    observing->mode = Mode::kObserve;
    policies_.push_back({observing, false});
    for (unsigned seed = 0; seed < kMadeUp; ++seed) policies_.push_back({FromText(MadeUp(seed)), false});
  }

  static PolicyReadOptions Options() {
    PolicyReadOptions options;
    options.today = std::chrono::year{2026} / std::chrono::January / 1;
    return options;
  }
  static std::shared_ptr<const Policy> Loaded(LoadedPolicy loaded) {
    Require(loaded.policy != nullptr);
    return std::move(loaded.policy);
  }
  static std::shared_ptr<const Policy> FromText(const std::string& text) {
    return Loaded(ReadPolicyText(text, "sample.toml", Options()));
  }

  // Rules on each word of each fact that DNS tells, however little sense they make. None names what is no answer.
  static std::string MadeUp(unsigned seed) {
    std::mt19937 random(seed);
    std::string text = "schema = 1\n[policy]\nscore = { tempfail = 2.0, reject = 3.0 }\n";
    unsigned number = 0;
    std::vector<std::string> conditions{"rdns.name = 'example'", "rdns.ptr = '^mail'"};
    for (const FactSpec& spec : FactTable()) {
      if (spec.lookups.empty()) continue;
      for (const std::string_view word : spec.values) {
        if (word == "temperror" || word == "bogus") continue;
        conditions.push_back(std::string(spec.name) + " = '" + std::string(word) + "'");
      }
    }
    std::ranges::shuffle(conditions, random);
    for (std::size_t i = 0; i + 1 < conditions.size(); i += 2) {
      text += "[[rule]]\nname = 'r" + std::to_string(number++) + "'\noverrides_rfc5321 = true\n";
      text += "when." + conditions[i] + "\n";
      if (random() % 2 == 0) text += "unless." + conditions[i + 1] + "\n";
      constexpr std::array<const char*, 8> kDoes{"score = -1.0",      "score = -2.0",       "score = 1.0",
                                                 "score = 1.5",       "score = 2.0",        "action = 'reject'",
                                                 "action = 'accept'", "action = 'tempfail'"};
      // Half of the policies only add up: an early accept would hide much.
      text += std::string(kDoes[random() % (seed % 2 == 0 ? 5 : 8)]) + "\n";
      if (random() % 6 == 0) text += "percent = 50\n";
    }
    return text;
  }

  std::vector<SamplePolicy> policies_;
};

}  // namespace heloguard
