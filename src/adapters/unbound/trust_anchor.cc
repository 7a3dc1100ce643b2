// Where trust anchors come from (RFC 4035 section 4.4) and, if the library keeps them, which of them it trusts (RFC
// 5011 section 4). Decides nothing about answers. Tests: tests/unit/adapters/unbound/trust_anchor_test.cc,
// unbound_options_test.cc.
#include "adapters/unbound/trust_anchor.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <sstream>

#include "adapters/unbound/setting_file.h"
#include "heloguard/base/escape.h"
#include "os/regular_file.h"

namespace heloguard {
namespace {

constexpr std::array<const char*, 2> kSystemAnchors{"/usr/share/dns/root.key", "/usr/share/dns/root.ds"};

bool IsReadable(const std::string& path) { return OpenRegularFile(path).ok(); }

// The library's remark behind a key: ";;state=2 [  VALID  ]". No remark, no doubt.
bool IsInForce(std::string_view line) {
  constexpr std::string_view kMark = ";;state=";
  constexpr std::string_view kTrusted = "23";  // valid, missing
  const std::size_t mark = line.find(kMark);
  if (mark == std::string_view::npos) return true;
  const std::string_view state = line.substr(mark + kMark.size(), 1);
  return !state.empty() && kTrusted.find(state) != std::string_view::npos;
}

// The owner of a line with a DS or DNSKEY record.
std::optional<DomainName> OwnerOf(const std::string& record) {
  std::istringstream words(record);
  std::string owner;
  words >> owner;
  bool is_key = false;
  for (std::string word; words >> word;) is_key |= word == "DS" || word == "DNSKEY";
  return is_key ? DomainName::FromText(owner) : std::nullopt;
}

Result<std::string> ReadAnchors(std::string_view setting, const std::string& path) {
  auto text = ReadSettingFile(setting, path);
  if (text.ok() && AnchorsOf(text.value()).empty()) {
    return SettingError(setting, "no DS or DNSKEY record in " + EscapeBytes(path));
  }
  return text;
}

Result<std::string> FindFixedAnchor(const Settings::Dns& settings) {
  std::string file = settings.trust_anchor;
  if (file.empty()) {
    const auto* found = std::ranges::find_if(kSystemAnchors, IsReadable);
    if (found == kSystemAnchors.end()) {
      return SettingError("trust_anchor", std::string("cannot read ") + kSystemAnchors[0] +
                                              " (package dns-root-data): name a file, or set dns.dnssec = \"off\"");
    }
    file = *found;
  }
  if (auto text = ReadAnchors("trust_anchor", file); !text.ok()) return text.error();
  return file;
}

Status MakeKeptAnchor(const Settings::Dns& settings) {
  const auto source = FindFixedAnchor(settings);
  if (!source.ok()) return source.error();
  const auto text = ReadSettingFile("trust_anchor", source.value());
  if (!text.ok()) return text.error();
  if (AnchorsOf(text.value()).size() != 1) {
    return SettingError("auto_trust_anchor",
                        EscapeBytes(source.value()) + " holds keys of several zones, and only one zone's can be kept");
  }
  std::string records;
  for (const std::string& record : KeysInForce(text.value())) records += record + "\n";
  return WriteSettingFile("auto_trust_anchor", settings.auto_trust_anchor, records);
}

// The library ends the process when it cannot write the file, which it does at its first lookup and whenever it has
// fetched the keys anew: so this is looked at before.
Status CheckKeptAnchor(const Settings::Dns& settings) {
  const std::string& file = settings.auto_trust_anchor;
  if (auto writable = RequireWritableFolder("auto_trust_anchor", file); !writable.ok()) return writable;
  struct stat found {};
  if (stat(file.c_str(), &found) != 0 && errno == ENOENT) {
    if (auto made = MakeKeptAnchor(settings); !made.ok()) return made;
  }
  const auto text = ReadSettingFile("auto_trust_anchor", file);
  if (!text.ok()) return text.error();
  if (!AnchorsOf(text.value()).empty()) return Done{};
  return SettingError("auto_trust_anchor", "no key in force in " + EscapeBytes(file) +
                                               ": remove it, and it is made again from dns.trust_anchor");
}

}  // namespace

Result<TrustAnchor> FindTrustAnchor(const Settings::Dns& settings) {
  if (!settings.auto_trust_anchor.empty()) {
    if (auto usable = CheckKeptAnchor(settings); !usable.ok()) return usable.error();
    return TrustAnchor{settings.auto_trust_anchor, true};
  }
  auto file = FindFixedAnchor(settings);
  if (!file.ok()) return file.error();
  return TrustAnchor{std::move(file).value(), false};
}

std::vector<std::string> KeysInForce(std::string_view zone_text) {
  std::vector<std::string> records;
  std::istringstream lines{std::string(zone_text)};
  for (std::string line; std::getline(lines, line);) {
    const std::string record = line.substr(0, line.find(';'));
    if (IsInForce(line) && OwnerOf(record)) records.push_back(record);
  }
  return records;
}

std::vector<DomainName> AnchorsOf(std::string_view zone_text) {
  std::vector<DomainName> anchors;
  for (const std::string& record : KeysInForce(zone_text)) {
    if (const auto owner = OwnerOf(record)) anchors.push_back(*owner);
  }
  std::ranges::sort(anchors);
  anchors.erase(std::unique(anchors.begin(), anchors.end()), anchors.end());
  return anchors;
}

}  // namespace heloguard
