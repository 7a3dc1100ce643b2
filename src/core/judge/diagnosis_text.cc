// The sentences of a diagnosis, for whoever runs the sending server. Decides nothing; lets no byte out unescaped and no
// list or name grow. Tests: tests/unit/core/judge/diagnosis_test.cc.
#include "core/judge/diagnosis_text.h"

#include <algorithm>

#include "heloguard/base/public_suffix.h"
#include "heloguard/judge/diagnosis.h"

namespace heloguard {
namespace {

// Longer than any host name in use; a hostile name is cut here, a record to publish never.
constexpr std::size_t kMaxShownName = 100;
constexpr std::size_t kMaxReason = 200;
constexpr std::size_t kMaxListed = 3;
constexpr std::string_view kBlockOwner = "whoever runs the address block";

// Cuts text that is escaped already, never inside an escape.
std::string Cut(std::string text, std::size_t cap) {
  constexpr std::size_t kEscapeLength = 4;  // "\xNN"
  if (text.size() <= cap) return text;
  const std::size_t escape = text.rfind('\\', cap);
  text.resize(escape != std::string::npos && escape + kEscapeLength > cap ? escape : cap);
  return text + "...";
}

std::string Shown(const DomainName& name) { return Cut(name.ToText(), kMaxShownName); }

// "a", "a and b", "a, b, c and 4 more". REQUIRES: not empty.
std::string Listed(std::vector<std::string> items) {
  std::string last = items.back();
  if (items.size() > kMaxListed) {
    last = std::to_string(items.size() - kMaxListed) + " more";
    items.resize(kMaxListed + 1);
  }
  std::string text;
  for (std::size_t i = 0; i + 1 < items.size(); ++i) text += (i == 0 ? "" : ", ") + items[i];
  return text + (text.empty() ? "" : " and ") + last;
}

std::string InQuotes(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string AddressRecord(const DnsQuestion& question, const IpAddress& address) {
  return InQuotes(RecordText(question) + " " + address.ToString());
}

// Who can change the records of a name.
std::string Owner(const DomainName& name) { return "whoever runs " + Shown(OrganizationalDomain(name).value_or(name)); }

void AddOnce(std::string item, std::vector<std::string>* items) {
  if (std::ranges::find(*items, item) == items->end()) items->push_back(std::move(item));
}

std::string OwnerOf(const std::vector<DnsQuestion>& questions, const UnsettledWords& words) {
  if (!words.owner.empty()) return words.owner;
  std::vector<std::string> domains;
  for (const DnsQuestion& question : questions) {
    AddOnce(Shown(OrganizationalDomain(question.name).value_or(question.name)), &domains);
  }
  return "whoever runs " + Listed(std::move(domains));
}

std::string Subject(const std::vector<DnsQuestion>& questions, const UnsettledWords& words) {
  if (!words.what.empty()) return words.what;
  std::vector<std::string> names;
  for (const DnsQuestion& question : questions) AddOnce(Shown(question.name), &names);
  std::vector<std::string> types;
  types.reserve(questions.size());
  for (const DnsQuestion& question : questions) types.emplace_back(NameOf(question.type));
  const std::string_view plural = names.size() == 1 ? " " : "s ";
  const std::string which = types.size() < words.types ? " (" + Listed(std::move(types)) + ")" : "";
  return words.names + std::string(plural) + Listed(std::move(names)) + which;
}

// "validation failure <NAME TYPE IN>: REASON": which record it is stands in the sentence anyway.
std::string Reason(std::string_view why) {
  constexpr std::string_view kPrefix = "validation failure <";
  const std::size_t end = why.starts_with(kPrefix) ? why.find(">: ", kPrefix.size()) : std::string_view::npos;
  if (end != std::string_view::npos) why.remove_prefix(end + 3);
  return why.empty() ? "" : " (" + Cut(std::string(why), kMaxReason) + ")";
}

// "... for key oldsigs.org. while building chain of trust": the zone at fault, which a CNAME may have led to. "" if the
// reason names none.
std::string FailingZone(std::string_view why) {
  constexpr std::string_view kKey = " for key ";
  const std::size_t at = why.find(kKey);
  if (at == std::string_view::npos) return "";
  why.remove_prefix(at + kKey.size());
  why = why.substr(0, why.find(' '));
  if (why.ends_with('.')) why.remove_suffix(1);
  return Cut(std::string(why), kMaxShownName);
}

std::string FamilyText(const IpAddress& client) { return client.is_v4() ? "IPv4" : "IPv6"; }

// "has the address 192.0.2.10, not 192.0.2.16", "does not exist in DNS", "has no IPv4 address".
std::string LeadsElsewhere(const DnsAnswer* answer, const IpAddress& client) {
  if (answer != nullptr && answer->status == DnsStatus::kNxDomain) return "does not exist in DNS";
  if (answer == nullptr || answer->data.empty()) return "has no " + FamilyText(client) + " address";
  std::vector<std::string> addresses;
  for (const DnsRecord& record : answer->data) addresses.push_back(ToText(record));
  const std::string_view noun = addresses.size() == 1 ? "has the address " : "has the addresses ";
  return std::string(noun) + Listed(std::move(addresses)) + ", not " + client.ToString();
}

// What to do about a HELO name, the way that needs least first.
std::string MendHelo(const HeloFailure& f, bool can_have_address) {
  if (f.verified != nullptr) return "let the server say its verified name " + Shown(*f.verified) + " in HELO.";
  const std::string client = f.client.ToString();
  if (!can_have_address) return "let the server say in HELO its full name, one that has the address " + client + ".";
  const DnsQuestion record{f.helo, f.client.is_v4() ? RecordType::kA : RecordType::kAaaa};
  return Owner(f.helo) + " has to publish " + AddressRecord(record, f.client) +
         ", or the server has to say in HELO a name that has this address.";
}

}  // namespace

std::string RecordText(const DnsQuestion& record) {
  return ToText(DnsRecord(record.name)) + " " + std::string(NameOf(record.type));
}

std::string PtrRecordText(const DnsQuestion& ptr, const DomainName* name) {
  return InQuotes(RecordText(ptr) + " " + (name == nullptr ? "<name of the server>" : ToText(DnsRecord(*name))));
}

UnsettledWords ReverseWords(const IpAddress& client) {
  return {"the reverse DNS of " + client.ToString(), std::string(kBlockOwner), "", 1};
}
UnsettledWords PtrNameWords() { return {"", "", "the PTR name", 1}; }
UnsettledWords HeloWords() { return {"", "", "the HELO name", 3}; }

std::string BogusText(const std::vector<DnsQuestion>& questions, std::string_view why, const UnsettledWords& words) {
  const std::string zone = FailingZone(why);
  return "DNSSEC validation of " + Subject(questions, words) + " fails" + Reason(why) + ": " +
         (zone.empty() ? OwnerOf(questions, words) : "whoever runs " + zone) +
         " has to sign the zone anew or put right its DS record at the parent, unless our own clock or trust anchor is "
         "wrong.";
}

std::string UnansweredText(const std::vector<DnsQuestion>& questions, DnsStatus status, const UnsettledWords& words) {
  const std::string owner = OwnerOf(questions, words);
  const std::string subject = Subject(questions, words);
  if (status == DnsStatus::kTimeout) {
    return "No answer about " + subject + " came in time: " + owner +
           " has to see to its name servers, unless our own resolver is slow.";
  }
  return "There is no usable answer about " + subject + " (SERVFAIL): " + owner +
         " has to see to its name servers and CNAME records, unless our own resolver is at fault.";
}

std::string OwnFaultText(bool all_bogus) {
  return all_bogus ? "Nothing that was looked up validates: check our own clock, trust anchor and resolver before "
                     "blaming the sender."
                   : "Nothing that was looked up was answered: check our own resolver and network before blaming the "
                     "sender.";
}

std::string NoPtrText(const IpAddress& client, std::string_view record) {
  return client.ToString() + " has no reverse DNS: " + MendPtrText(record);
}

std::string MendPtrText(std::string_view record) {
  return std::string(kBlockOwner) + " has to publish " + std::string(record) + ".";
}

std::string WrongPtrText(const PtrFailure& f) {
  const std::string client = f.client.ToString();
  if (f.names > 1) {
    return "None of the " + std::to_string(f.names) + " PTR names of " + client +
           (f.unusable ? " is a full host name of the public DNS: " : " has this address: ");
  }
  if (f.unusable) {
    return "The PTR record of " + client + " gives " + InQuotes(Shown(f.name)) +
           ", which is not a full host name of the public DNS: ";
  }
  return std::string(f.said_in_helo ? "The PTR and HELO name " : "The PTR name ") + Shown(f.name) + " " +
         LeadsElsewhere(f.answer, f.client) + ": ";
}

std::string MendForwardText(const DnsQuestion& forward, const IpAddress& client) {
  return Owner(forward.name) + " has to publish " + AddressRecord(forward, client) + ", or " +
         std::string(kBlockOwner) + " has to make the PTR record name the host that has " + client.ToString() + ".";
}

std::string ManyPtrText(const PtrCount& count) {
  return count.client.ToString() + " has " + std::to_string(count.names) + " PTR records, and only " +
         std::to_string(count.looked_at) + " of their names were looked up: one is enough, and " +
         std::string(kBlockOwner) + " should leave only " + count.record + ".";
}

std::string PrivateHeloText(const HeloFailure& f) {
  return "The HELO name " + Shown(f.helo) + " is not a full host name of the public DNS: " + MendHelo(f, false);
}

std::string NoAddressText(const HeloFailure& f, bool nxdomain) {
  return "The HELO name " + Shown(f.helo) + (nxdomain ? " does not exist in DNS: " : " has no address: ") +
         MendHelo(f, true);
}

std::string OtherAddressText(const HeloFailure& f) {
  const std::string better = f.verified == nullptr ? "a name that has " + f.client.ToString()
                                                   : "the server's verified name " + Shown(*f.verified);
  return "The HELO name " + Shown(f.helo) + " " + LeadsElsewhere(f.answer, f.client) +
         ": that alone is no reason to refuse (RFC 5321 section 4.1.4), but " + better + " would be better in HELO.";
}

std::string OtherDomainText(const DomainName& helo, const DomainName& verified, std::string_view record) {
  return "The HELO name " + Shown(helo) + " is of another domain than the server's verified name " + Shown(verified) +
         ": that alone is no reason to refuse, but better would be " + std::string(record) + ", which " +
         std::string(kBlockOwner) + " can publish.";
}

}  // namespace heloguard
