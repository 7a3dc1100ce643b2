// Short forms for DNS values in tests.
#pragma once

#include <initializer_list>
#include <string_view>

#include "heloguard/dns/dns.h"

namespace heloguard::testing {

inline DomainName Name(std::string_view text) { return DomainName::FromText(text).value(); }
inline IpAddress Ip(std::string_view text) { return IpAddress::Parse(text).value(); }

inline DnsQuestion Ptr(std::string_view ip) { return {DomainName::Reverse(Ip(ip)), RecordType::kPtr}; }
inline DnsQuestion A(std::string_view name) { return {Name(name), RecordType::kA}; }
inline DnsQuestion Aaaa(std::string_view name) { return {Name(name), RecordType::kAaaa}; }
inline DnsQuestion Mx(std::string_view name) { return {Name(name), RecordType::kMx}; }

inline DnsQuestion Txt(std::string_view name) { return {Name(name), RecordType::kTxt}; }

inline DnsAnswer Data(std::vector<DnsRecord> data, Dnssec dnssec = Dnssec::kInsecure) {
  DnsAnswer answer;
  answer.status = DnsStatus::kAnswer;
  answer.dnssec = dnssec;
  answer.data = std::move(data);
  answer.ttl = 300;
  return answer;
}
inline DnsAnswer Names(std::initializer_list<std::string_view> names, Dnssec dnssec = Dnssec::kInsecure) {
  std::vector<DnsRecord> data;
  for (std::string_view name : names) data.emplace_back(Name(name));
  return Data(std::move(data), dnssec);
}
inline DnsAnswer Addresses(std::initializer_list<std::string_view> addresses, Dnssec dnssec = Dnssec::kInsecure) {
  std::vector<DnsRecord> data;
  for (std::string_view address : addresses) data.emplace_back(Ip(address));
  return Data(std::move(data), dnssec);
}
inline DnsAnswer Texts(std::initializer_list<std::string_view> texts, Dnssec dnssec = Dnssec::kInsecure) {
  std::vector<DnsRecord> data;
  for (std::string_view text : texts) data.emplace_back(TxtRecord{std::string(text)});
  return Data(std::move(data), dnssec);
}
// NXDOMAIN, NODATA, SERVFAIL, timeout, bogus, not asked.
inline DnsAnswer End(DnsStatus status, Dnssec dnssec = Dnssec::kInsecure) {
  DnsAnswer answer;
  answer.status = status;
  answer.dnssec = status == DnsStatus::kBogus ? Dnssec::kBogus
                  : IsTransient(status)       ? Dnssec::kIndeterminate
                                              : dnssec;
  return answer;
}

}  // namespace heloguard::testing
