// From the [dns] settings to libunbound's options.
//
// Thread rule: values and functions; what touches files says so.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/unbound/canary_report.h"
#include "adapters/unbound/trust_anchor.h"
#include "heloguard/base/domain_name.h"
#include "heloguard/base/result.h"
#include "heloguard/settings.h"

namespace heloguard {

// Everything a context is told before its first lookup, and what the resolver itself goes by.
struct UnboundOptions {
  std::vector<std::pair<std::string, std::string>> options;  // in order, names with their colon
  std::vector<std::string> forwarders;                       // "ADDRESS@PORT"
  std::string config_file;                                   // read after the options, so that it wins
  TrustAnchor anchor;                                        // none with a configuration file, which names its own
  bool validate = true;
  std::size_t max_in_flight = 0;  // the setting, or what the descriptors allow if that is less
  std::size_t max_answer_bytes = 0;
  std::chrono::milliseconds look_time{0};
  std::vector<DomainName> canaries;
  std::string description;  // "forward 127.0.0.1@53, validating with /usr/share/dns/root.key"
  CanaryWords words;
};

// Reads resolv.conf, the anchor and the hints as far as the settings name them; makes the file of
// dns.auto_trust_anchor if it is missing. `descriptors` is the limit on open files; half of it is ours. Errors: kConfig
// with the setting's name.
[[nodiscard]] Result<UnboundOptions> PlanUnbound(const Settings::Dns& settings, std::size_t descriptors);

// The nameserver lines of a resolv.conf as "ADDRESS@PORT"; 127.0.0.1 if there are none, as resolv.conf(5) has it.
[[nodiscard]] std::vector<std::string> NameserversOf(std::string_view resolv_conf);

}  // namespace heloguard
