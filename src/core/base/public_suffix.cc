// The public suffix list: known TLDs, public suffixes, organisational domains. The only user of libpsl.
//
// ICANN section only, so that a cloud host below somebody's private suffix is no suffix. The list is the newer one of
// the installed file and the one built into the library, read once.
// libpsl takes names as C strings and splits them itself; what reaches it here are labels of letters, digits, hyphens
// and underscores only, so that no dot, NUL or octet of UTF-8 inside a label can change where it splits.
// https://publicsuffix.org/list/ has the algorithm. Thread rule: safe for concurrent use.
// Tests: tests/unit/core/base/public_suffix_test.cc.
#include "heloguard/base/public_suffix.h"

#include <libpsl.h>

#include <algorithm>
#include <memory>

namespace heloguard {
namespace {

// psl_free leaves the built-in list alone, which is what psl_latest may return.
struct PslDeleter {
  void operator()(psl_ctx_t* list) const { psl_free(list); }
};

const psl_ctx_t* List() {
  static const std::unique_ptr<psl_ctx_t, PslDeleter> latest(psl_latest(nullptr));
  return latest ? latest.get() : psl_builtin();
}

bool IsPlain(std::string_view label) {
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

// The name without its first `skip` labels, as libpsl wants it. A label that is not plain is in no rule and could match
// a wildcard only: any other label that is in no rule can stand for it.
std::string PslText(const DomainName& name, std::size_t skip) {
  std::string text;
  for (std::size_t i = skip; i < name.labels().size(); ++i) {
    if (!text.empty()) text += '.';
    text += IsPlain(name.labels()[i]) ? name.labels()[i] : "_";
  }
  return text;
}

// Without the star rule: a TLD that is in no rule is no suffix. A TLD whose rules are wildcards only (*.ck) is one.
bool IsListed(const std::string& name) {
  return psl_is_public_suffix2(List(), name.c_str(), PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

// How many labels stand in front of the organisational domain; nullopt if there is none.
std::optional<std::size_t> HostLabels(const DomainName& name) {
  const std::size_t count = name.labels().size();
  if (count < 2) return std::nullopt;
  // The longest listed suffix decides. The last label counts as a suffix even if unknown.
  for (std::size_t skip = 0; skip < count; ++skip) {
    if (skip + 1 < count && !IsListed(PslText(name, skip))) continue;
    return skip == 0 ? std::nullopt : std::optional(skip - 1);
  }
  return std::nullopt;
}

// The labels from `first` up to `last`, `last` left out. Part of a name is always a name.
DomainName Part(const DomainName& name, std::size_t first, std::size_t last) {
  std::string wire;
  for (std::size_t i = first; i < last; ++i) {
    wire += static_cast<char>(name.labels()[i].size());
    wire += name.labels()[i];
  }
  return DomainName::FromWire(wire + '\0').value_or(DomainName());
}

}  // namespace

// .example stands for a real TLD in documentation, samples and tests (RFC 6761 section 6.5); nobody can register a name
// below it.
bool HasKnownTld(const DomainName& name) {
  if (name.empty()) return false;
  return name.labels().back() == "example" || IsListed(PslText(name, name.labels().size() - 1));
}

bool IsPublicSuffix(const DomainName& name) { return !name.empty() && IsListed(PslText(name, 0)); }

std::optional<DomainName> OrganizationalDomain(const DomainName& name) {
  const auto host_labels = HostLabels(name);
  return host_labels ? std::optional(Part(name, *host_labels, name.labels().size())) : std::nullopt;
}

std::string HostPart(const DomainName& name) {
  const std::size_t host_labels = HostLabels(name).value_or(0);
  return host_labels == 0 ? std::string() : Part(name, 0, host_labels).ToText();
}

}  // namespace heloguard
