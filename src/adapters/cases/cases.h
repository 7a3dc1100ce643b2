// `.cases` files: what a policy should say about sessions, as text, with the DNS in the script. No network.
//
//   # a comment
//   policy  strict.toml                                    which policy; else the file beside with the same stem
//   own     mx.example.com                                 a name (or ".example.com", or an address) of our own host
//   today   2026-12-31                                     the date, for rules with `until`
//   dns     192.0.2.7         PTR   mail.example.net  secure
//   dns     mail.example.net  A     192.0.2.7              insecure, unless another DNSSEC state stands behind
//   dns     example.net       MX    10 mail.example.net
//   dns     mail.example.net  TXT   "v=spf1 a -all"         the strings of one record run together
//   dns     slow.example      A     TIMEOUT                or NXDOMAIN, NODATA, SERVFAIL, BOGUS
//   client  192.0.2.7    helo mail.example.net                 expect accept
//   client  198.51.100.9 helo 198.51.100.9                     expect reject bare-ip
//   client  198.51.100.9 helo a.example tls helo b.example     expect tempfail score
//   client  198.51.100.9 nohelo port 587 auth rcpt postmaster@example.com stage rcpt expect accept
//
// Words are separated by blanks; "..." holds blanks and '#', \xNN is any octet, \\ a backslash. The lines other than
// `client` hold for the whole file. Several records of one name and type add up; what no line answers is NXDOMAIN,
// insecure. `tls`: what is said behind it goes over TLS; with no HELO behind it, the last one before it does. A
// session is walked up to `stage` (default rcpt) and stops where it is refused; an observing policy is judged as if
// it enforced. Behind the verdict and the rule may stand what else has to be so, in this order or another:
//
//   client  198.51.100.9 helo 198.51.100.9   expect reject bare-ip at rcpt mode observe reply "without brackets"
//
// Thread rule: pure functions over values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"
#include "heloguard/dns/dns.h"
#include "heloguard/facts/build_facts.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

// One question and how it is answered; a question that times out is never answered.
struct ScriptedAnswer {
  DnsQuestion question;
  DnsAnswer answer;
  std::uint32_t line = 0;  // the first that speaks of it
};

struct ExpectedVerdict {
  Outcome outcome = Outcome::kAccept;
  std::string by;                    // the rule that has to decide, or "score"; "": anything
  SourcePosition where;              // of `by`
  std::optional<Stage> stage;        // where it has to be answered
  std::optional<Mode> mode;          // how the policy has to stand for this client
  std::optional<std::string> reply;  // what the reply has to hold, as the client reads it
};

struct Case {
  SourcePosition where;
  std::string line;  // as written, escaped
  IpAddress client;
  std::vector<std::string> helos;  // in the order said; empty: none. Hostile bytes
  std::optional<std::size_t> tls;  // how many HELOs were said before TLS; nullopt: never TLS
  bool authenticated = false;
  std::optional<std::uint16_t> port;
  std::optional<std::string> recipient;
  Stage stage = Stage::kRcpt;
  ExpectedVerdict expected;
};

struct CasesFile {
  std::string path;
  std::string policy;  // as written; "": none named
  SourcePosition policy_where;
  OwnIdentity own;
  std::optional<std::chrono::sys_days> today;
  std::vector<ScriptedAnswer> dns;  // sorted by question
  std::vector<Case> cases;
  Diagnostics diagnostics;  // syntax errors, all at once
};

// Parses `text`, a file called `path`. Errors are kInputData.
[[nodiscard]] CasesFile ReadCases(std::string_view text, const std::string& path);

struct CaseFailure {
  SourcePosition where;
  std::string line;  // the case as written
  std::string expected;
  std::string got;
};
struct CasePass {
  SourcePosition where;
  std::string line;
};
// A rule that stands: enabled, and not past its last day. One that the loader divided counts once.
struct RuleUse {
  std::string name;
  SourcePosition where;
  bool exercised = false;  // it was true in the session of some case, whether it decided or not
};
struct CasesResult {
  std::string path;
  std::size_t passed = 0;
  std::vector<CasePass> passes;
  std::vector<CaseFailure> failures;
  std::vector<RuleUse> rules;  // of the policy, in file order
  Diagnostics diagnostics;     // syntax errors, and rules the policy does not have; with any, nothing ran
};

// Runs the cases of a file against `policy`. REQUIRES: policy not null.
[[nodiscard]] CasesResult RunCases(const CasesFile& file, const std::shared_ptr<const Policy>& policy);
// The same from text.
[[nodiscard]] CasesResult RunCases(const std::string& text, const std::string& path,
                                   const std::shared_ptr<const Policy>& policy);

}  // namespace heloguard
