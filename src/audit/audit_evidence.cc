// What the answers gathered for an audit hold. Asks nothing and judges nothing.
// Tests: tests/unit/audit/audit_checks_test.cc.
#include "audit/audit_evidence.h"

#include <algorithm>

namespace heloguard {

std::vector<IpAddress> AddressesOf(const DomainName& name, const DnsAnswers& answers) {
  std::vector<IpAddress> addresses;
  for (const RecordType type : {RecordType::kA, RecordType::kAaaa}) {
    const DnsAnswer* answer = answers.FindAsked({name, type});
    if (answer == nullptr) continue;
    for (const DnsRecord& record : answer->data) {
      const auto* address = std::get_if<IpAddress>(&record);
      if (address == nullptr || std::ranges::find(addresses, address->Unmapped()) != addresses.end()) continue;
      addresses.push_back(address->Unmapped());
    }
  }
  return addresses;
}

}  // namespace heloguard
