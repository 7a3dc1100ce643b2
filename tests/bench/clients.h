// A few thousand made-up mail clients of each typical kind, and what DNS says about them. Their addresses are those for
// benchmarks (RFC 2544), each has names of its own, so that one that was not used yet is in no cache.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/drive/driven_session.h"

namespace heloguard::bench {

enum class ClientKind : std::uint8_t { kClean, kOtherName, kNoPtr, kDynamic, kTenNames };
struct ClientKindRow {
  ClientKind kind;
  const char* name;
  const char* about;
};
inline constexpr std::array<ClientKindRow, 5> kClientKinds{{
    {ClientKind::kClean, "clean", "its HELO name is its PTR name and leads back to it"},
    {ClientKind::kOtherName, "other name", "its HELO name is not its PTR name; both lead back to it"},
    {ClientKind::kNoPtr, "no PTR", "its HELO name leads back to it"},
    {ClientKind::kDynamic, "bare address", "a line of a provider's pool; says its address without brackets"},
    {ClientKind::kTenNames, "ten PTR names", "all lead back to it, one is its HELO name"},
}};

struct Client {
  IpAddress address;
  std::string helo;
};
inline constexpr unsigned kClientsOfAKind = 16'384;
// REQUIRES: number < kClientsOfAKind.
[[nodiscard]] Client MakeClient(ClientKind kind, unsigned number);

// What DNS says about any of them.
[[nodiscard]] DnsAnswer TrueAnswer(const DnsQuestion& question);

// Connect, HELO, MAIL and RCPT of one message, each at once after the one before.
void SendOneMessage(const Client& client, DrivenSession* session);

// The different questions of a session that finds nothing in any cache, in order. Every answer takes as long as the
// others, and the client says HELO, MAIL and RCPT before the first is in.
[[nodiscard]] std::vector<DnsQuestion> QuestionsOf(const std::shared_ptr<const Policy>& policy, const Client& client);

}  // namespace heloguard::bench
