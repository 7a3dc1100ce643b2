// Any bytes as TOML: parsing ends, and a text that toml++ can read nests as deep as the pass over its octets found.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/toml/toml_document.h"
#include "adapters/toml/toml_outline.h"
#include "toml_depth.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

void TryNesting(const std::string& text) {
  const auto parsed = ParseToml(text, "fuzz.toml");
  if (!parsed.ok()) return;
  const std::size_t depth = testing::DepthOf(parsed.value());
  Require(depth <= kMaxNesting);
  Require(!OutlineOf(text, depth).too_deep);
  Require(depth == 0 || OutlineOf(text, depth - 1).too_deep);
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), std::min(size, heloguard::kMaxText));
  heloguard::TryNesting(text);
  return 0;
}
