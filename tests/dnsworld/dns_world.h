// The DNS world from inside a test: the real resolver on it, and the tables of README.md.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/unbound/unbound_resolver.h"
#include "dns_text.h"
#include "heloguard/dns/lookup.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard::testing {

// "" if it is not set.
[[nodiscard]] std::string FromEnvironment(const char* name);
// The resolver as the world's configuration file has it, everything else at its default.
[[nodiscard]] Settings::Dns WorldSettings();
// Fails the test and returns null if it does not start.
[[nodiscard]] std::unique_ptr<UnboundResolver> StartResolver(const Settings::Dns& settings, EventSink* sink = nullptr);

[[nodiscard]] std::future<DnsAnswer> Asked(UnboundResolver& resolver, const DnsQuestion& question);
[[nodiscard]] DnsAnswer Answer(UnboundResolver& resolver, const DnsQuestion& question);
[[nodiscard]] std::vector<std::string> Texts(const DnsAnswer& answer);

// Somebody to be judged, and what has been found out.
struct Subject {
  SessionInputs inputs;
  DnsAnswers book;
};
// The client has no HELO name if `helo` is empty.
[[nodiscard]] Subject SubjectOf(std::string_view client, std::string_view helo = "");
// Asks what the planner wants for all subjects, side by side: nobody waits for anybody else's answers.
void ResolveAll(UnboundResolver& resolver, LookupSet wanted, const std::vector<Subject*>& subjects);
// The fact's words with a blank between them, "unknown" or "n/a".
[[nodiscard]] std::string Shown(FactId id, const Subject& subject);
// "answer secure", "bogus bogus"; "" if it was not asked.
[[nodiscard]] std::string Ended(const DnsAnswers& book, const DnsQuestion& question);

// The rows below the table heading of README.md whose first cell is `heading`. Fails the test if there are none.
[[nodiscard]] std::vector<std::vector<std::string>> ReadmeTable(std::string_view heading);
// The client and those of which the same is true by README.md: its loopback twin and its sister in IPv6.
[[nodiscard]] std::vector<std::string> WithTwins(const std::string& client);

}  // namespace heloguard::testing
