// From the [dns] settings to libunbound's options.
//
// Thread rule: values and functions; what reads files says so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heloguard/domain_name.h"
#include "heloguard/result.h"
#include "heloguard/settings.h"

struct ub_ctx;

namespace heloguard {

// Everything a context is told before its first lookup.
struct UnboundOptions {
  std::vector<std::pair<std::string, std::string>> options;  // in order, names with their colon
  std::vector<std::string> forwarders;                       // "ADDRESS@PORT"
  std::string config_file;                                   // read after the options, so that it wins
  std::string trust_anchor;                                  // file, "" if none
  bool validate = true;
  std::size_t max_in_flight = 0;  // the setting, or what the descriptors allow if that is less
  std::string description;        // "forward 127.0.0.1@53, validating with /usr/share/dns/root.key"
};

// Reads resolv.conf, the anchor and the hints as far as the settings name them. `descriptors` is the limit on open
// files; half of it is ours. Errors: kConfig with the setting's name.
[[nodiscard]] Result<UnboundOptions> PlanUnbound(const Settings::Dns& settings, std::size_t descriptors);

// Hands the options to `ctx`. Returns the names of the trust anchors, none without validation: only below one of them
// can an answer that is not secure be called insecure. Errors: kConfig with the setting's name, kInternal for an option
// the library does not know. REQUIRES: no other context is being configured (the library's parser is not reentrant).
[[nodiscard]] Result<std::vector<DomainName>> ConfigureContext(const UnboundOptions& options, ub_ctx* ctx);

// The nameserver lines of a resolv.conf as "ADDRESS@PORT"; 127.0.0.1 if there are none, as resolv.conf(5) has it.
[[nodiscard]] std::vector<std::string> NameserversOf(std::string_view resolv_conf);
// The owners of the DS and DNSKEY records in a zone file of trust anchors.
[[nodiscard]] std::vector<DomainName> AnchorsOf(std::string_view zone_text);

}  // namespace heloguard
