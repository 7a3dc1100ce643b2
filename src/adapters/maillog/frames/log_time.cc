// Reads time stamps at a few nanoseconds each: positions are fixed, nothing is searched. RFC 3164 section 4.1.2,
// RFC 3339 section 5.6. Tests: tests/unit/adapters/maillog/frames/log_time_test.cc.
#include "adapters/maillog/frames/log_time.h"

#include <array>
#include <cstdint>
#include <ctime>

#include "heloguard/base/ascii.h"

namespace heloguard {
namespace {

using std::chrono::sys_seconds;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// The number of the `size` digits at `at`; nullopt if there are not as many.
std::optional<unsigned> Digits(std::string_view text, std::size_t at, std::size_t size) {
  if (text.size() < at + size) return std::nullopt;
  unsigned number = 0;
  for (std::size_t i = at; i < at + size; ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return number;
}

bool Is(std::string_view text, std::size_t at, char c) { return at < text.size() && text[at] == c; }

// "11:00:00" at `at`. 60 is a leap second.
struct TimeOfDay {
  unsigned hour, minute, second;
};
std::optional<TimeOfDay> ReadTimeOfDay(std::string_view text, std::size_t at) {
  const auto hour = Digits(text, at, 2);
  const auto minute = Digits(text, at + 3, 2);
  const auto second = Digits(text, at + 6, 2);
  if (!hour || !minute || !second || !Is(text, at + 2, ':') || !Is(text, at + 5, ':')) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return TimeOfDay{*hour, *minute, *second};
}

bool IsDate(int year, unsigned month, unsigned day) {
  return (std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)).ok();
}

sys_seconds FromCivil(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}

// A zone's offset from UTC at the front of `rest`, taken off: "Z", "+01:00", "-0500". nullopt: none there.
std::optional<std::chrono::seconds> ReadOffset(std::string_view* rest) {
  if (rest->starts_with('Z')) {
    rest->remove_prefix(1);
    return std::chrono::seconds(0);
  }
  if (!rest->starts_with('+') && !rest->starts_with('-')) return std::nullopt;
  const std::size_t colon = Is(*rest, 3, ':') ? 1 : 0;
  const auto hours = Digits(*rest, 1, 2);
  const auto minutes = Digits(*rest, 3 + colon, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::seconds offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  const bool behind = rest->front() == '-';
  rest->remove_prefix(5 + colon);
  return behind ? -offset : offset;
}

// Of a second.
void SkipFraction(std::string_view* rest) {
  if (!rest->starts_with('.') && !rest->starts_with(',')) return;
  rest->remove_prefix(1);
  while (!rest->empty() && IsDigit(rest->front())) rest->remove_prefix(1);
}

}  // namespace

std::optional<sys_seconds> LogClock::Read(std::string_view* line) {
  if (line->empty()) return std::nullopt;
  return IsDigit(line->front()) ? ReadIso(line) : ReadTraditional(line);
}

// "Nov 22 11:00:00 ", "Nov 22 11:00:00.123456 ", the day with a blank or a zero in front.
std::optional<sys_seconds> LogClock::ReadTraditional(std::string_view* line) {
  constexpr std::size_t kLength = 15;
  if (line->size() < kLength + 1 || (*line)[3] != ' ' || (*line)[6] != ' ') return std::nullopt;
  std::string_view rest = line->substr(kLength);
  SkipFraction(&rest);
  if (!rest.starts_with(' ')) return std::nullopt;
  const std::string_view name = line->substr(0, 3);
  Civil at;
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] == name) at.month = i + 1;
  }
  const auto day = (*line)[4] == ' ' ? Digits(*line, 5, 1) : Digits(*line, 4, 2);
  const auto time = ReadTimeOfDay(*line, 7);
  constexpr int kLeapYear = 2024;  // any: whether the day exists in its own year is found there
  if (at.month == 0 || !day || !time || !IsDate(kLeapYear, at.month, *day)) return std::nullopt;
  at.day = *day;
  at.hour = time->hour;
  at.minute = time->minute;
  at.second = time->second;
  *line = rest.substr(1);
  return Latest(at);
}

std::optional<sys_seconds> LogClock::ReadIso(std::string_view* line) {
  const auto year = Digits(*line, 0, 4);
  const auto month = Digits(*line, 5, 2);
  const auto day = Digits(*line, 8, 2);
  const auto time = ReadTimeOfDay(*line, 11);
  if (!year || !month || !day || !time || !Is(*line, 4, '-') || !Is(*line, 7, '-')) return std::nullopt;
  if (!Is(*line, 10, 'T') && !Is(*line, 10, ' ')) return std::nullopt;
  if (!IsDate(static_cast<int>(*year), *month, *day)) return std::nullopt;
  std::string_view rest = line->substr(19);
  SkipFraction(&rest);
  const auto offset = ReadOffset(&rest);
  if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  *line = rest.substr(rest.empty() ? 0 : 1);
  const int full_year = static_cast<int>(*year);
  if (!offset) return FromLocal(full_year, {*month, *day, time->hour, time->minute, time->second});
  return FromCivil(full_year, *month, *day) + std::chrono::hours(time->hour) + std::chrono::minutes(time->minute) +
         std::chrono::seconds(time->second) - *offset;
}

// Asking for the zone is slow: the year of the line before is tried first, and years that are plainly too late never.
sys_seconds LogClock::Latest(const Civil& at) {
  if (at.month == month_ && at.day == day_) {
    const sys_seconds time = FromLocal(year_, at);
    if (time <= latest_) return time;
  }
  month_ = at.month;
  day_ = at.day;
  constexpr int kYearsUntilLeap = 8;  // at most, between two 29ths of February
  constexpr std::chrono::days kAnyZone{1};
  const std::chrono::year_month_day changed(std::chrono::floor<std::chrono::days>(changed_));
  year_ = static_cast<int>(changed.year()) + 1;
  for (const int earliest = year_ - kYearsUntilLeap - 2; year_ > earliest; --year_) {
    if (!IsDate(year_, at.month, at.day) || FromCivil(year_, at.month, at.day) > latest_ + kAnyZone) continue;
    if (FromLocal(year_, at) <= latest_) break;
  }
  return FromLocal(year_, at);
}

sys_seconds LogClock::FromLocal(int year, const Civil& at) {
  const std::int64_t key = ((std::int64_t{year} * 16 + at.month) * 32 + at.day) * 32 + at.hour;
  if (key != hour_key_) {
    std::tm broken{};
    broken.tm_year = year - 1900;
    broken.tm_mon = static_cast<int>(at.month) - 1;
    broken.tm_mday = static_cast<int>(at.day);
    broken.tm_hour = static_cast<int>(at.hour);
    broken.tm_isdst = -1;
    hour_start_ = sys_seconds(std::chrono::seconds(std::mktime(&broken)));
    hour_key_ = key;
  }
  return hour_start_ + std::chrono::minutes(at.minute) + std::chrono::seconds(at.second);
}

}  // namespace heloguard
