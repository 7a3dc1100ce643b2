// Adds the options that several subcommands share. Decides nothing about their use. Tests: tests/cli/usage_test.py.
#include "app/shared/common_options.h"

#include <CLI/App.hpp>
#include <algorithm>

#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {

void AddWord(CLI::App* app, const std::string& option, std::string* value, std::vector<std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list += (list.empty() ? "" : ", ") + std::string(word);
  app->add_option(option, *value, "one of: " + list)
      ->type_name("WORD")
      ->capture_default_str()
      ->check([words = std::move(words), list](const std::string& word) -> std::string {
        if (std::ranges::find(words, std::string_view(word)) != words.end()) return {};
        return Quoted(word) + " is none of " + list + DidYouMean(word, words);
      });
}

void AddSources(CLI::App* app, Sources* sources) {
  app->add_option("--config", sources->config,
                  "the daemon's configuration (default /etc/heloguard/heloguard.toml if it is there)")
      ->type_name("FILE");
  app->add_option("--policy", sources->policy, "this policy in place of the configuration's")->type_name("FILE");
}

}  // namespace heloguard
