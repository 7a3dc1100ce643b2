// The milter protocol, through libmilter: the only user of mfapi.h.
#pragma once

#include <functional>
#include <string>

#include "engine/session_factory.h"
#include "heloguard/base/result.h"
#include "heloguard/settings.h"

namespace heloguard {

// What the adapter needs of the program. Thread rule: called from libmilter's worker threads.
struct MilterHooks {
  SessionFactory sessions;
  Settings::Headers headers;
  std::function<void(std::string_view)> log_error;  // a caught exception, a library failure; one line
  std::function<void()> listening;                  // the socket is open and served (sd_notify)
};

// Opens the socket, serves until stopped, returns. libmilter keeps process-wide state: one call per process.
// libmilter takes SIGHUP, SIGINT and SIGTERM itself and returns from here soon after (cutting sessions). It waits for
// them in a thread of its own: they have to be blocked in every other one, or their default action ends the process.
// When this returns no callback is running any more and every session is gone. DNS answers that come later may still
// ask the clock of hooks.sessions for the time: it has to outlive the resolver.
// Errors: kConfig for a socket text libmilter refuses, kUnavailable if it cannot be opened.
[[nodiscard]] Status ServeMilter(const Settings::Milter& settings, const MilterHooks& hooks);

// Ends ServeMilter: waits for running sessions up to the drain time, then stops libmilter quickly. Any thread.
void StopMilter();

}  // namespace heloguard
