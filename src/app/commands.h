// One function a subcommand; each returns an exit status. Options are filled by cli.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/shared/load.h"

namespace heloguard {

struct ServeOptions {
  Sources sources;
  bool check_config = false;
};
int RunServe(const ServeOptions& options);

struct CheckOptions {
  Sources sources;
  std::string client, helo;         // --client, --helo: as typed
  std::optional<std::string> rdns;  // --rdns
  std::optional<std::string> rdns_status;
  std::optional<std::string> batch;  // --batch
  std::string format = "text";
  bool offline = false;
  bool authenticated = false, tls = false;
  std::optional<unsigned> port;
};
int RunCheck(const CheckOptions& options);

struct LintOptions {
  std::vector<std::string> files;
  std::string local;     // the site's own file, as [policy] local; "": none
  bool strict = false;
  bool cost = false;     // measure what the patterns cost
  bool print = false;    // the policies themselves, merged, instead of the findings
  std::string format = "text";
};
int RunLint(const LintOptions& options);

struct TestOptions {
  std::vector<std::string> paths;
  std::string policy;   // "": the file beside the cases with the same stem
  bool strict = false;  // a rule no case exercised is a failure
  std::string format = "text";
};
int RunTest(const TestOptions& options);

struct ImportOptions {
  std::string table;  // "pcre:PATH", or a path whose extension says the type
  std::string name;   // of the rules, a line's number is added; "": from the file's name
};
int RunImport(const ImportOptions& options);

struct AuditOptions {
  Sources sources;                    // `policy` is not used
  std::optional<std::string> name;    // as typed
  std::vector<std::string> addresses; // --ip
  std::vector<std::string> servers;   // --smtp
  std::optional<std::string> listen;
  std::vector<std::string> policies;  // --policy; empty: the shipped default and strict
  std::string format = "text";
  bool offline = false;
};
int RunAudit(const AuditOptions& options);

struct ReplayOptions {
  Sources sources;
  std::vector<std::string> logs;
  std::string against;         // --against: the old policy; "": none
  bool dns = false;
  double dns_rate = 100;       // questions a second
  std::string source = "auto"; // whose lines
  std::string format = "text";
  std::string output;          // "": standard output
};
int RunReplay(const ReplayOptions& options);

int RunFacts(const std::string& format);

}  // namespace heloguard
