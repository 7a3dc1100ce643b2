// The systemd journal, with a field of its own for every key of a line: journalctl HELOGUARD_CLIENT=192.0.2.1.
#pragma once

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace heloguard {

// The fields of a text line of decision_line.h, "HELOGUARD_KEY=value" each, values still escaped; those without a value
// ("-") are left out. Empty for any other line. Pure.
[[nodiscard]] std::vector<std::string> JournalFields(std::string_view line);

// Thread rule: as every sink with a mutex, any thread.
class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}  // nothing is kept back
};

}  // namespace heloguard
