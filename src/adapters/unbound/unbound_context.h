// One context of libunbound on a libevent loop: the only code that calls the library.
//
// Thread rule: Make on any thread that has the loop to itself; Ask and destruction on the loop's thread or while it
// does not run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/unbound/unbound_options.h"
#include "heloguard/base/domain_name.h"
#include "heloguard/base/result.h"

struct event_base;
struct ub_ctx;

namespace heloguard {

// What a context is made for.
struct ContextUse {
  bool validate = true;  // false: without the validator, though the plan has one
  // Small caches, and the file of dns.auto_trust_anchor is only read. (One that an unbound.conf has the library keep is
  // written all the same: the file's own wish, and on the one thread.)
  bool canary = false;
};

// What the library hands to a callback. Its views end with the call.
struct RawAnswer {
  int error = 0;            // an rcode of the library's own; the packet counts only if it is 0
  std::string_view packet;  // with RRSIG records where the servers send them, bogus ones too
  int security = 0;         // 0 not secure, 1 bogus, 2 secure
  const char* why_bogus = nullptr;
};

class UnboundContext {
 public:
  using Callback = std::function<void(const RawAnswer&)>;  // must not throw

  // Errors: kConfig with the setting's name for files and options that the library refuses, kUnavailable if it cannot
  // start. REQUIRES: `loop` outlives the context.
  [[nodiscard]] static Result<std::unique_ptr<UnboundContext>> Make(event_base* loop, const UnboundOptions& plan,
                                                                    ContextUse use);
  // What is pending is dropped: its `done` is not called. REQUIRES: not inside a `done`.
  ~UnboundContext();
  UnboundContext(const UnboundContext&) = delete;
  UnboundContext& operator=(const UnboundContext&) = delete;

  // Calls `done` once, from the loop or, for what is known already, inside the call. False: the library refuses the
  // question, and `done` is not called.
  [[nodiscard]] bool Ask(const DomainName& name, std::uint16_t type, Callback done);

  // The names of the trust anchors, none without validation: only below one of them can an answer that is not secure be
  // called insecure.
  [[nodiscard]] const std::vector<DomainName>& anchors() const { return anchors_; }

 private:
  // A lookup inside the library. Lives until the callback has run or the context is gone.
  struct Pending {
    UnboundContext* owner;
    std::uint64_t id;
    Callback done;
  };
  struct Deleter {
    void operator()(ub_ctx* ctx) const;
  };

  UnboundContext() = default;
  [[nodiscard]] Status Open(event_base* loop, const UnboundOptions& plan, ContextUse use);
  [[nodiscard]] Status Probe();
  static void OnAnswer(void* pending, int error, void* packet, int size, int security, char* why, int limited) noexcept;

  std::vector<DomainName> anchors_;
  std::unordered_map<std::uint64_t, Pending> pending_;  // its elements do not move
  std::uint64_t next_id_ = 0;
  bool closing_ = false;
  std::unique_ptr<ub_ctx, Deleter> ctx_;
};

}  // namespace heloguard
