// Puts the replay page together: a template, its style and script, the totals as HTML and the whole report as data for
// the script. Knows nothing of logs or policies. The report is full of what strangers sent, so it is only ever data: as
// JSON in a data block, where no "<" can end the block, and as text to the browser. Should an escape be missing, the
// Content-Security-Policy still runs and styles nothing but the two texts whose hashes it names.
// Tests: tests/unit/app/replay/replay_page_test.cc, tests/browser/.
#include "app/replay/replay_page.h"

#include <array>
#include <string_view>

#include "app/replay/replay_summary.h"

namespace heloguard {

// Of assets/, see cmake/EmbedText.cmake.
extern const std::string_view kReplayHtml;
extern const std::string_view kReplayStyle, kReplayStyleSha256;
extern const std::string_view kReplayScript, kReplayScriptSha256;

namespace {

struct Slot {
  std::string_view name;
  std::string value;
};

std::string DataBlock(const Json& report) {
  std::string data;
  for (const char octet : ToLine(report)) {
    if (octet == '<') {
      data += "\\u003c";
    } else {
      data += octet;
    }
  }
  return data;
}

template <std::size_t kCount>
std::string ValueOf(std::string_view name, const std::array<Slot, kCount>& slots) {
  for (const Slot& slot : slots) {
    if (slot.name == name) return slot.value;
  }
  return {};
}

}  // namespace

std::string ReplayPage(const Json& report) {
  const std::array<Slot, 11> slots = {{{"title", EscapeHtml(ReplayTitle(report))},
                                       {"style", std::string(kReplayStyle)},
                                       {"style_hash", std::string(kReplayStyleSha256)},
                                       {"script", std::string(kReplayScript)},
                                       {"script_hash", std::string(kReplayScriptSha256)},
                                       {"doer", std::string(ReplayDoer(report))},
                                       {"meta", ReplayMeta(report)},
                                       {"summary", ReplaySummary(report)},
                                       {"cross", ReplayCross(report)},
                                       {"rules", ReplayRules(report)},
                                       {"data", DataBlock(report)}}};
  // One pass over the template alone: what stands in a value is never taken for a slot.
  std::string page;
  std::string_view rest = kReplayHtml;
  for (std::size_t at = rest.find("{{"); at != std::string_view::npos; at = rest.find("{{")) {
    const std::size_t end = rest.find("}}", at);
    if (end == std::string_view::npos) break;
    page += rest.substr(0, at);
    page += ValueOf(rest.substr(at + 2, end - at - 2), slots);
    rest.remove_prefix(end + 2);
  }
  page += rest;
  return page;
}

}  // namespace heloguard
