// A front end: listens for mail servers, opens a session for each of their connections, and turns what sessions answer
// into its protocol's words. The program holds a list of them and knows no more of any than this.
//
// A front end serves on threads of its own, one that blocks inside a library or an event loop alike. Its life:
//
//   Start ... [Drain] Stop, destruction
//
// Until Stop has returned it uses what it was constructed with (sessions and what they refer to), and nothing of it
// afterwards. DNS answers that come later may still ask the sessions' clock for the time: the clock outlives the
// resolver.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "heloguard/base/result.h"

namespace heloguard {

class Frontend {
 public:
  // Told once that serving has ended, and why: ok after Stop or a signal that means stop, else an error. Called on a
  // thread of the front end's; it must not block, throw, call Stop or destroy the front end.
  using Ended = std::function<void(const Status&)>;

  Frontend() = default;
  virtual ~Frontend() = default;
  Frontend(const Frontend&) = delete;
  Frontend& operator=(const Frontend&) = delete;

  // Opens what it listens on and begins to serve: when this has returned, clients can connect. Errors: kConfig (a
  // socket that makes no sense), kUnavailable (one that cannot be opened), kInternal; then nobody is served
  // and `ended` is never called; a library may hold its socket until the process ends. Call once. REQUIRES: the signals
  // the program waits for are blocked in the calling thread; the front end's threads inherit that. Thread rule: one
  // thread.
  [[nodiscard]] virtual Status Start(Ended ended) = 0;

  // Waits until no client is connected, for `limit` at most; false if some are left. Clients that come meanwhile are
  // served, as turning them away would make their mail server act without us. Returns at once before Start and after
  // the end. Thread rule: any thread but the front end's own.
  virtual bool Drain(std::chrono::milliseconds limit) = 0;

  // Ends service, cuts the connections there are, and waits for the end: when this has returned, no thread of the front
  // end is inside a session, all sessions are gone, and `ended` has been called. A session that waits for DNS may take
  // this as long as its deadline. No effect before Start, and after the end none but the wait. Thread rule: any thread
  // but the front end's own; several at once wait for the same end.
  virtual void Stop() = 0;

  // Whether a client would be served now: asks as a client would, and waits for the answer, for `patience` at most.
  // False before Start and after the end. Thread rule: any thread but the front end's own.
  [[nodiscard]] virtual bool Probe(std::chrono::milliseconds patience) const = 0;

  // Called every few seconds: looks whether anybody took away what clients find it by, and puts that right where it
  // can. What there is to tell of it, one line, or "". Thread rule: any thread but the front end's own.
  [[nodiscard]] virtual std::string Tend() { return {}; }
};

}  // namespace heloguard
