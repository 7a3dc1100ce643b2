// Where lines go: levels, formats, the file that is opened anew, targets that cannot be opened.
#include "adapters/log/log_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "sample_report.h"

namespace heloguard {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// A folder of its own for every test, removed at its end.
class LogSink : public testing::Test {
 protected:
  LogSink() {
    std::string pattern = testing::TempDir() + "heloguard-log-XXXXXX";
    folder_ = ::mkdtemp(pattern.data()) != nullptr ? pattern : "";
    settings_.target = LogTarget::kFile;
    settings_.file = folder_ + "/heloguard.log";
  }
  ~LogSink() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] static std::string Contents(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  [[nodiscard]] std::unique_ptr<Log> Open() const {
    auto log = Log::Open(settings_);
    EXPECT_TRUE(log.ok());
    return std::move(log).value();
  }

  std::string folder_;
  Settings::Log settings_;
};

#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}[+-][0-9]{2}:[0-9]{2}"

TEST_F(LogSink, ATextLineHasTimeAndLevelInFront) {
  Open()->Info("started");
  EXPECT_THAT(Contents(settings_.file), MatchesRegex(TIME " info started\n"));
}

TEST_F(LogSink, AJsonLineIsOneObject) {
  settings_.format = LogFormat::kJson;
  const SampleReport sample;
  {
    const auto log = Open();
    log->Error("it's \"bad\"\\x0a");
    log->Judged(sample.Report());
  }
  EXPECT_THAT(
      Contents(settings_.file),
      MatchesRegex("\\{\"time\":\"" TIME "\",\"level\":\"error\",\"message\":\"it's \\\\\"bad\\\\\"\\\\\\\\x0a\"\\}\n"
                   "\\{\"time\":\"" TIME "\",\"level\":\"info\",\"session\":\"000abcdef0123456\",.*\\}\n"));
}

TEST_F(LogSink, LevelsHoldBackWhatIsLessImportant) {
  const struct {
    LogLevel level;
    int lines;
  } kRows[] = {{LogLevel::kDebug, 5}, {LogLevel::kInfo, 4}, {LogLevel::kWarning, 2}, {LogLevel::kError, 1}};
  const SampleReport sample;
  for (const auto& row : kRows) {
    std::filesystem::remove(settings_.file);
    settings_.level = row.level;
    const auto log = Open();
    log->Error("error");
    log->Alarm("warning");
    log->Info("info");
    log->Judged(sample.Report());
    log->LookedUp({*DomainName::FromText("a\nb.example"), RecordType::kA}, {});
    log->Flush();
    const std::string text = Contents(settings_.file);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), row.lines) << text;
  }
}

TEST_F(LogSink, ALookupIsADebugLine) {
  settings_.level = LogLevel::kDebug;
  DnsAnswer answer;
  answer.status = DnsStatus::kBogus;
  answer.dnssec = Dnssec::kBogus;
  answer.elapsed = std::chrono::microseconds(1'500);
  answer.why = "signature expired";
  Open()->LookedUp({*DomainName::FromText("a b.example"), RecordType::kAaaa}, answer);
  EXPECT_THAT(Contents(settings_.file),
              HasSubstr(R"(debug lookup a\x20b.example AAAA: bogus, bogus, 1500 us, signature expired)"));
}

TEST_F(LogSink, NoMessageBreaksALine) {
  Open()->Alarm("one\ntwo\r\x1b[31m");
  EXPECT_THAT(Contents(settings_.file), testing::EndsWith("warning one\\x0atwo\\x0d\\x1b[31m\n"));
}

TEST_F(LogSink, ANewFileIsForNobodyElse) {
  Open()->Info("x");
  const auto mode = std::filesystem::status(settings_.file).permissions();
  EXPECT_EQ(mode & std::filesystem::perms::others_all, std::filesystem::perms::none);
}

TEST_F(LogSink, AFileMovedAwayIsOpenedAnew) {
  const auto log = Open();
  log->Info("first");
  log->Flush();
  std::filesystem::rename(settings_.file, settings_.file + ".1");
  log->Info("second");
  log->Flush();
  std::filesystem::remove(settings_.file);
  log->Info("third");
  log->Flush();
  EXPECT_THAT(Contents(settings_.file + ".1"), HasSubstr("first"));
  EXPECT_THAT(Contents(settings_.file + ".1"), Not(HasSubstr("second")));
  EXPECT_THAT(Contents(settings_.file), Not(HasSubstr("second")));
  EXPECT_THAT(Contents(settings_.file), HasSubstr("third"));
}

TEST_F(LogSink, AReplacedFileIsTheOneWrittenTo) {
  const auto log = Open();
  log->Info("first");
  log->Flush();
  std::filesystem::rename(settings_.file, settings_.file + ".1");
  std::ofstream(settings_.file) << "";  // as logrotate's "create" does
  log->Info("second");
  log->Flush();
  EXPECT_THAT(Contents(settings_.file), HasSubstr("second"));
}

TEST_F(LogSink, LinesGoOnIntoTheOldFileWhereNoNewOneCanBe) {
  const auto log = Open();
  const std::string moved = folder_ + ".moved";
  std::filesystem::rename(folder_, moved);
  log->Info("still here");
  log->Flush();
  std::filesystem::rename(moved, folder_);
  EXPECT_THAT(Contents(settings_.file), HasSubstr("still here"));
}

TEST_F(LogSink, LinesOfManyThreadsStayWholeWhileTheFileIsRotated) {
  constexpr int kLines = 200;
  const auto log = Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      const SampleReport sample;
      for (int i = 0; i < kLines; ++i) log->Judged(sample.Report());
    });
  }
  for (int i = 0; i < 20; ++i) {
    log->Info("rotate");
    log->Flush();
    std::filesystem::rename(settings_.file, settings_.file + "." + std::to_string(i));
  }
  for (std::thread& thread : threads) thread.join();
  log->Flush();
  int lines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line); ++lines) {
      EXPECT_TRUE(line.ends_with(" to=<bob@example.net>") || line.ends_with(" rotate")) << line;
    }
  }
  EXPECT_EQ(lines, 3 * kLines + 20);
}

// A pipe nobody reads from takes 64 KiB; then the queue fills, and sessions go on.
TEST_F(LogSink, ATargetThatHangsCostsLinesAndNobodysTime) {
  constexpr std::size_t kLines = 2'000;
  settings_.target = LogTarget::kStderr;
  settings_.queue = 32;
  settings_.repeats_accepted = 0;
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const int pipe = ends[0];
  const int stderr_before = ::dup(STDERR_FILENO);
  ASSERT_EQ(::dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
  ::close(ends[1]);
  std::ostringstream text;
  std::thread reader;
  {
    const auto log = Open();
    const SampleReport sample;
    for (std::size_t i = 0; i < kLines; ++i) log->Judged(sample.Report());
    EXPECT_GT(log->dropped(), 0U);
    reader = std::thread([&text, pipe] {
      char buffer[4096];
      for (ssize_t got = ::read(pipe, buffer, sizeof buffer); got > 0; got = ::read(pipe, buffer, sizeof buffer)) {
        text.write(buffer, got);
      }
    });
  }
  ::dup2(stderr_before, STDERR_FILENO);
  ::close(stderr_before);
  reader.join();
  ::close(pipe);
  std::istringstream lines(text.str());
  std::size_t judged = 0, told = 0, dropped = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(" log lines were dropped");
    if (at == std::string::npos) {
      ++judged;
      continue;
    }
    ++told;
    dropped += std::stoul(line.substr(line.rfind(' ', at - 1)));
  }
  EXPECT_GE(told, 1U);
  EXPECT_LE(judged + dropped, kLines);
  EXPECT_GE(judged + dropped + told, kLines);  // telling may itself push out a line
}

TEST_F(LogSink, RepeatedShareALine) {
  settings_.repeats = 2;
  {
    const auto log = Open();
    SampleReport refused;
    refused.RefusedByFirstRule();
    for (int i = 0; i < 5; ++i) log->Judged(refused.Report());
    SampleReport observed;
    observed.RefusedByFirstRule();
    observed.policy.mode = Mode::kObserve;
    for (int i = 0; i < 5; ++i) log->Judged(observed.Report());
  }
  const std::string text = Contents(settings_.file);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2 + 5 + 1) << text;
  EXPECT_THAT(text,
              HasSubstr(" info repeated=3 within_s=0 client=192.0.2.1 verdict=reject rule=bare-ip mode=enforce\n"));
}

TEST_F(LogSink, AcceptedOnesHaveANumberOfTheirOwn) {
  settings_.repeats = 1;
  settings_.repeats_accepted = 3;
  {
    const auto log = Open();
    const SampleReport accepted;
    for (int i = 0; i < 10; ++i) log->Judged(accepted.Report());
    SampleReport refused;
    refused.RefusedByFirstRule();
    for (int i = 0; i < 5; ++i) log->Judged(refused.Report());
  }
  const std::string text = Contents(settings_.file);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3 + 1 + 1 + 1) << text;
  EXPECT_THAT(text, HasSubstr(" info repeated=7 within_s=0 client=192.0.2.1 verdict=accept rule=- mode=enforce\n"));
  EXPECT_THAT(text,
              HasSubstr(" info repeated=4 within_s=0 client=192.0.2.1 verdict=reject rule=bare-ip mode=enforce\n"));
}

// As a full disk does it: some of a line is written, then nothing more.
TEST_F(LogSink, AFullDiskStopsNobodyAndTearsNoLine) {
  settings_.file = folder_ + "/log";
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  testing::internal::CaptureStderr();
  {
    const auto log = Open();
    log->Info("whole");
    log->Flush();
    rlimit full = before;
    full.rlim_cur = std::filesystem::file_size(settings_.file) + 10;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    log->Info("torn");
    log->Info("lost");
    log->Flush();
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_GE(log->dropped(), 2U);
    log->Info("after");
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("LOG ERROR"));
  const std::string text = Contents(settings_.file);
  EXPECT_THAT(text, MatchesRegex(TIME " info whole\n.{10}\n" TIME ".*\n"));
  EXPECT_THAT(text, ContainsRegex("\n" TIME " info after\n"));
  EXPECT_THAT(text, ContainsRegex("\n" TIME " warning [2-9] log lines were dropped: [^\n]*\n"));
  EXPECT_THAT(text, Not(HasSubstr("lost")));
}

TEST_F(LogSink, StderrIsATarget) {
  settings_.target = LogTarget::kStderr;
  testing::internal::CaptureStderr();
  Open()->Info("hello");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), MatchesRegex(TIME " info hello\n"));
}

TEST_F(LogSink, EveryFacilityOfTheSettingsIsKnown) {
  settings_.target = LogTarget::kSyslog;
  std::istringstream words{std::string(FindSetting("log", "facility")->range)};
  for (std::string word; words >> word;) {
    if (word == "|") continue;
    settings_.facility = word;
    EXPECT_TRUE(Log::Open(settings_).ok()) << word;
  }
  settings_.facility = "none";
  EXPECT_EQ(Log::Open(settings_).error().kind, ErrorKind::kConfig);
}

TEST_F(LogSink, ATargetThatCannotBeOpenedNamesItsSetting) {
  settings_.file = folder_ + "/no/such/folder.log";
  auto log = Log::Open(settings_);
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(log.error().message, HasSubstr("log.file: cannot open "));
  EXPECT_THAT(log.error().message, HasSubstr("No such file or directory"));
  settings_.file = "";
  log = Log::Open(settings_);
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.error().kind, ErrorKind::kConfig);
  EXPECT_THAT(log.error().message, HasSubstr("log.file"));
}

TEST_F(LogSink, TheJournalIsThereOrMissed) {
  settings_.target = LogTarget::kJournal;
  const bool there = std::filesystem::exists("/run/systemd/journal/socket");
  const auto log = Log::Open(settings_);
  EXPECT_EQ(log.ok(), there);
  if (!log.ok()) {
    EXPECT_EQ(log.error().kind, ErrorKind::kUnavailable);
  }
}

}  // namespace
}  // namespace heloguard
