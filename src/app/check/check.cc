// `heloguard check`: one session, or a batch of them, judged now and explained. Knows no rule and no fact by name.
// Tests: tests/cli/check_test.py, tests/cli/batch_test.py.
#include <sysexits.h>

#include <cstdio>
#include <string_view>

#include "app/check/batch.h"
#include "app/check/check_command.h"
#include "app/check/check_json.h"
#include "app/check/check_text.h"
#include "app/shared/check_request.h"
#include "app/shared/complaints.h"
#include "app/shared/live_services.h"
#include "app/shared/output.h"
#include "engine/drive/rehearsal.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

// EX_NOPERM: the session would be turned away for good.
constexpr int kExitReject = EX_NOPERM;

int ExitStatusOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAccept:
      return EX_OK;
    case Outcome::kTempfail:
      return EX_TEMPFAIL;
    case Outcome::kReject:
      return kExitReject;
  }
  return EX_SOFTWARE;
}

Error Named(std::string_view option, Error error) {
  error.message = std::string(option) + ": " + error.message;
  return error;
}

Result<CheckRequest> RequestOf(const CheckOptions& options) {
  const auto client = ParseClient(options.client);
  if (!client.ok()) return Named("--client", client.error());
  const auto name = ParseRdns(options.rdns, std::nullopt);
  if (!name.ok()) return Named("--rdns", name.error());
  const auto rdns = ParseRdns(options.rdns, options.rdns_status);
  if (!rdns.ok()) return Named("--rdns-status", rdns.error());
  CheckRequest request;
  request.client = client.value();
  request.helo = UnescapeBytes(options.helo);
  request.rdns = rdns.value();
  request.tls = options.tls;
  request.authenticated = options.authenticated;
  if (options.port) request.port = static_cast<std::uint16_t>(*options.port);
  return request;
}

int CheckOne(const CheckRequest& request, const CheckOptions& options, const std::shared_ptr<const Policy>& policy,
             const CommandServices& services) {
  std::string text;
  Outcome outcome = Outcome::kAccept;
  JudgeRequest(request, policy, services, [&](const SessionReport& report) {
    text = options.format == "json" ? CheckJson(report) + "\n" : CheckText(report, ColourOfTerminal());
    outcome = report.judgement.outcome();
  });
  const int written = PrintOut(text);
  return written != 0 ? written : ExitStatusOf(outcome);
}

}  // namespace

int RunCheck(const CheckOptions& options) {
  // The command line is judged before anything is loaded.
  std::optional<CheckRequest> request;
  if (!options.batch) {
    Result<CheckRequest> parsed = RequestOf(options);
    if (!parsed.ok()) return PrintDiagnostics({{Severity::kError, parsed.error(), ""}});
    request = std::move(parsed).value();
  }
  int status = 0;
  std::optional<Loaded> loaded = Load(options.sources, &status);
  if (!loaded) return status;
  loaded->settings.dns.auto_trust_anchor.clear();  // the daemon's to write
  Complaints complaints;
  const auto services =
      MakeLiveServices(loaded->settings, &complaints, options.offline ? Network::kOffline : Network::kLive);
  if (!services.ok()) return PrintDiagnostics({{Severity::kError, services.error(), ""}});
  if (!options.offline) (void)SettleResolver(services.value().get(), &complaints);
  if (request) return CheckOne(*request, options, loaded->policy, services.value()->session);
  BatchOptions batch{*options.batch, options.tls, options.authenticated, std::nullopt};
  if (options.port) batch.port = static_cast<std::uint16_t>(*options.port);
  return RunBatch(batch, loaded->policy, services.value()->session);
}

}  // namespace heloguard
