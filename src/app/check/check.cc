// `heloguard check`: one session, or a batch of them, judged now and explained. Knows no rule and no fact by name.
// Tests: tests/cli/check_test.py, tests/cli/batch_test.py.
#include <sysexits.h>

#include <cstdio>
#include <string_view>

#include "app/check/batch.h"
#include "app/check/check_command.h"
#include "app/check/check_json.h"
#include "app/check/check_text.h"
#include "app/shared/complaints.h"
#include "app/shared/output.h"
#include "app/shared/subject.h"
#include "app/shared/world.h"
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

Result<Subject> SubjectOf(const CheckOptions& options) {
  const auto client = ParseClient(options.client);
  if (!client.ok()) return Named("--client", client.error());
  const auto name = ParseRdns(options.rdns, std::nullopt);
  if (!name.ok()) return Named("--rdns", name.error());
  const auto rdns = ParseRdns(options.rdns, options.rdns_status);
  if (!rdns.ok()) return Named("--rdns-status", rdns.error());
  Subject subject;
  subject.client = client.value();
  subject.helo = UnescapeBytes(options.helo);
  subject.rdns = rdns.value();
  subject.tls = options.tls;
  subject.authenticated = options.authenticated;
  if (options.port) subject.port = static_cast<std::uint16_t>(*options.port);
  return subject;
}

int CheckOne(const Subject& subject, const CheckOptions& options, const std::shared_ptr<const Policy>& policy,
             const CommandServices& world) {
  std::string text;
  Outcome outcome = Outcome::kAccept;
  JudgeSubject(subject, policy, world, [&](const SessionReport& report) {
    text = options.format == "json" ? CheckJson(report) + "\n" : CheckText(report, ColourOfTerminal());
    outcome = report.judgement.outcome();
  });
  const int written = PrintOut(text);
  return written != 0 ? written : ExitStatusOf(outcome);
}

}  // namespace

int RunCheck(const CheckOptions& options) {
  // The command line is judged before anything is loaded.
  std::optional<Subject> subject;
  if (!options.batch) {
    Result<Subject> parsed = SubjectOf(options);
    if (!parsed.ok()) return PrintDiagnostics({{Severity::kError, parsed.error(), ""}});
    subject = std::move(parsed).value();
  }
  int status = 0;
  std::optional<Loaded> loaded = Load(options.sources, &status);
  if (!loaded) return status;
  loaded->settings.dns.auto_trust_anchor.clear();  // the daemon's to write
  Complaints complaints;
  const auto world = MakeWorld(loaded->settings, &complaints, options.offline ? Network::kOffline : Network::kLive);
  if (!world.ok()) return PrintDiagnostics({{Severity::kError, world.error(), ""}});
  if (!options.offline) (void)SettleResolver(world.value().get(), &complaints);
  if (subject) return CheckOne(*subject, options, loaded->policy, world.value()->session);
  BatchOptions batch{*options.batch, options.tls, options.authenticated, std::nullopt};
  if (options.port) batch.port = static_cast<std::uint16_t>(*options.port);
  return RunBatch(batch, loaded->policy, world.value()->session);
}

}  // namespace heloguard
