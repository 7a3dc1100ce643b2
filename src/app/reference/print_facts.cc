// `heloguard facts`: the reference of facts from the table in the code. Tests: tests/cli/reference_test.py.
#include <string_view>

#include "app/reference/facts_command.h"
#include "app/reference/reference.h"
#include "app/shared/json_writer.h"
#include "app/shared/output.h"
#include "app/shared/text.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"
#include "heloguard/facts/fact.h"

namespace heloguard {
namespace {

// In lines of their own, behind four blanks.
std::string Indented(std::string_view text) { return "    " + Wrapped(text, kPageWidth, 4) + "\n"; }

std::string AsText() {
  std::string text;
  for (const FactSpec& spec : FactTable()) {
    text += std::string(spec.name) + "\n";
    text += Indented(spec.help);
    text += Indented(std::string(NameOf(spec.type)) + ": " + ValuesText(spec));
    text += "    known from: " + std::string(NameOf(spec.known_from)) + "   needs: " + std::string(spec.needs) + "\n\n";
  }
  return text;
}

std::string AsJson() {
  Json facts = Json::array();
  for (const FactSpec& spec : FactTable()) {
    Json lookups = Json::array();
    for (std::size_t i = 0; i < EnumNames<LookupId>.size(); ++i) {
      if (spec.lookups.Has(static_cast<LookupId>(i))) lookups.push_back(EnumNames<LookupId>[i]);
    }
    facts.push_back({{"fact", spec.name},
                     {"type", NameOf(spec.type)},
                     {"values", spec.values},
                     {"known_from", NameOf(spec.known_from)},
                     {"needs", spec.needs},
                     {"lookups", std::move(lookups)},
                     {"help", spec.help}});
  }
  return ToLine({{"facts", std::move(facts)}}) + "\n";
}

}  // namespace

int RunFacts(const FactsOptions& options) {
  if (options.format == "json") return PrintOut(AsJson());
  if (options.format == "markdown") return PrintOut(*ReferencePage("facts"));
  return PrintOut(AsText());
}

}  // namespace heloguard
