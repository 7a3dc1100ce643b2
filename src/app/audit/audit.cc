// `heloguard audit`: the sender's side. Puts together what was asked for, what DNS and servers say, and the rows that
// come of it. Decides no check. Tests: tests/cli/audit_test.py.
#include <sysexits.h>

#include <algorithm>

#include "app/audit/audit_command.h"
#include "app/audit/audit_json.h"
#include "app/audit/audit_request.h"
#include "app/audit/audit_smtp.h"
#include "app/audit/audit_text.h"
#include "app/audit/gather_evidence.h"
#include "app/shared/check_view.h"
#include "app/shared/complaints.h"
#include "app/shared/live_services.h"
#include "app/shared/output.h"
#include "audit/audit_checks.h"
#include "audit/audit_words.h"

namespace heloguard {
namespace {

constexpr int kExitFailed = 1;

// A policy to judge by, and what a refusal by it counts as.
struct Judge {
  std::string path;
  CheckResult refused;
};

// Few receivers are as strict as strict.toml.
std::vector<Judge> JudgesOf(const AuditOptions& options) {
  std::vector<Judge> judges;
  for (const std::string& path : options.policies) judges.push_back({path, CheckResult::kFail});
  if (!judges.empty()) return judges;
  return {{ShippedPolicy("default"), CheckResult::kFail}, {ShippedPolicy("strict"), CheckResult::kWarn}};
}

struct Prepared {
  Settings settings;
  Policies policies;
  std::vector<CheckResult> refused;
};

std::optional<Prepared> Prepare(const AuditOptions& options, int* status) {
  Prepared prepared;
  for (const Judge& judge : JudgesOf(options)) {
    const Sources sources{options.sources.config, judge.path, false, false};
    std::optional<Loaded> loaded = Load(sources, status);
    if (!loaded) return std::nullopt;
    prepared.settings = std::move(loaded->settings);
    prepared.policies.push_back(std::move(loaded->policy));
    prepared.refused.push_back(judge.refused);
  }
  prepared.settings.dns.auto_trust_anchor.clear();  // the daemon's to write
  return prepared;
}

// Those of the command line; a client that was heard stands for itself unless it is seen from the inside only.
std::vector<IpAddress> AddressesFor(const AuditRequest& request, const std::optional<HeardHelo>& heard) {
  std::vector<IpAddress> addresses = request.addresses;
  const bool new_one = heard && std::ranges::find(addresses, heard->client) == addresses.end();
  if (new_one && (addresses.empty() || !IsInside(heard->client))) addresses.push_back(heard->client);
  return addresses;
}

AuditReport Report(const AuditRequest& request, const std::optional<HeardHelo>& heard, const Prepared& prepared,
                   const CommandServices& services, bool resolver_well) {
  const Helo helo = heard ? ParseHelo(*heard->helo) : *request.name;
  const std::vector<IpAddress> addresses = AddressesFor(request, heard);
  AuditEvidence evidence = GatherEvidence(helo, addresses, prepared.policies, services);
  evidence.resolver_well = resolver_well;
  AuditReport report;
  report.name = EscapedHelo(helo.text);
  report.offline = services.resolver == nullptr;
  if (heard) report.sections.push_back(CheckHeard(*heard, request));
  report.sections.push_back(CheckName(evidence, addresses));
  for (const AddressEvidence& at : evidence.addresses) {
    report.sections.push_back(CheckAddress(evidence, at, prepared.refused));
  }
  report.left_out = evidence.left_out;
  for (const SmtpTarget& target : request.servers) {
    report.sections.push_back(CheckServer(target, helo, services, &report.unreachable));
  }
  return report;
}

int StatusOf(const AuditReport& report) {
  if (WorstOf(report) == CheckResult::kFail) return kExitFailed;
  if (report.unreachable) return EX_UNAVAILABLE;
  return CountOf(report, CheckResult::kUnknown) > 0 && !report.offline ? EX_TEMPFAIL : EX_OK;
}

int Print(const AuditReport& report, const std::string& format) {
  const int written = PrintOut(format == "json" ? AuditJson(report) + "\n" : AuditText(report, ColourOfTerminal()));
  return written != 0 ? written : StatusOf(report);
}

}  // namespace

CheckResult WorstOf(const AuditReport& report) {
  CheckResult worst = CheckResult::kPass;
  for (const CheckSection& section : report.sections) {
    for (const CheckRow& row : section.rows) worst = std::max(worst, row.result);
  }
  return worst;
}

std::size_t CountOf(const AuditReport& report, CheckResult result) {
  std::ptrdiff_t count = 0;
  for (const CheckSection& section : report.sections) {
    count += std::ranges::count(section.rows, result, &CheckRow::result);
  }
  return static_cast<std::size_t>(count);
}

int RunAudit(const AuditOptions& options) {
  const Result<AuditRequest> request = ReadAuditRequest(options);
  if (!request.ok()) return PrintDiagnostics({{Severity::kError, request.error(), ""}});
  int status = 0;
  const std::optional<Prepared> prepared = Prepare(options, &status);
  if (!prepared) return status;
  Complaints complaints;
  const auto services =
      MakeLiveServices(prepared->settings, &complaints, options.offline ? Network::kOffline : Network::kLive);
  if (!services.ok()) return PrintDiagnostics({{Severity::kError, services.error(), ""}});
  std::optional<HeardHelo> heard;
  if (request.value().listen) {
    Result<HeardHelo> one = HearClient(*request.value().listen);
    if (!one.ok()) return PrintDiagnostics({{Severity::kError, one.error(), ""}});
    heard = std::move(one).value();
  }
  const bool well = options.offline || SettleResolver(services.value().get(), &complaints);
  return Print(Report(request.value(), heard, *prepared, services.value()->session, well), options.format);
}

}  // namespace heloguard
