// The header fields of one message, as far as they matter: which of them claim to be ours.
//
// Thread rule: the calls of one connection are serial.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "heloguard/policy/smtp_reply.h"

namespace heloguard {

// No message that anybody sends in earnest has passed us this often (mail servers stop a loop sooner). Each field
// removed costs Postfix a pass over the message's headers.
inline constexpr std::size_t kMaxFieldsRemoved = 100;

class MessageHeaders {
 public:
  // A message begins; fields that name `authserv_id` are ours.
  void Begin(std::string authserv_id);
  // The next field, as the MTA hands it on: any bytes.
  void Saw(std::string_view name, std::string_view value);

  [[nodiscard]] const std::string& authserv_id() const { return authserv_id_; }
  // The numbers of the fields that claim to be ours, among those called Authentication-Results, from 1 on; ascending.
  [[nodiscard]] const std::vector<int>& claiming() const { return claiming_; }
  // There are more of them than can be removed.
  [[nodiscard]] bool too_many() const { return too_many_; }

 private:
  std::string authserv_id_;
  int seen_ = 0;
  std::vector<int> claiming_;
  bool too_many_ = false;
};

// What a message is refused with that has too many of them: left in, they would be believed.
[[nodiscard]] SmtpReply TooManyFieldsReply();

}  // namespace heloguard
