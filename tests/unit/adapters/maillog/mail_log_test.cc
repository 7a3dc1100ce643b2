// Sets of files: their order, their counts, their damage, and the journal's form.
#include "adapters/maillog/mail_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "memory_file.h"

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MailLogTest : public ::testing::Test {
 protected:
  MailLogTest() : folder_(std::filesystem::temp_directory_path() / ("maillog." + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    setenv("TZ", "UTC", 1);
  }
  ~MailLogTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::vector<std::string> Clients(const std::vector<std::string>& paths) {
    auto log = MailLog::Open(paths);
    EXPECT_TRUE(log.ok());
    std::vector<std::string> clients;
    log.value().Read({}, [&](const LoggedSession& session) { clients.push_back(session.client->ToString()); });
    counts_ = log.value().counts();
    problems_ = log.value().problems();
    return clients;
  }

  const std::filesystem::path folder_;
  std::vector<LogFileCount> counts_;
  Diagnostics problems_;
};

std::string Session(const std::string& time, const std::string& client) {
  const std::string frame = time + " mx postfix/smtpd[1]: ";
  return frame + "connect from unknown[" + client + "]\n" + frame + "disconnect from unknown[" + client + "]\n";
}

TEST_F(MailLogTest, FilesAreReadInTheOrderOfTime) {
  const auto newer = Write("mail.log", Session("2026-11-22T00:00:00Z", "192.0.2.3"));
  const auto older = Write("mail.log.1", "junk\n" + Session("2026-11-21T00:00:00Z", "192.0.2.2"));
  const auto oldest = Write("mail.log.2", Session("2026-11-20T00:00:00Z", "192.0.2.1"));
  EXPECT_THAT(Clients({newer, oldest, older}), ElementsAre("192.0.2.1", "192.0.2.2", "192.0.2.3"));
  ASSERT_EQ(counts_.size(), 3U);
  EXPECT_EQ(counts_[1].lines, 3U);
  EXPECT_EQ(counts_[1].skipped, 1U);
  EXPECT_EQ(counts_[1].first, testing::At(2026, 11, 21));
  EXPECT_TRUE(problems_.empty());
}

TEST_F(MailLogTest, ASessionGoesOnInTheNextFile) {
  const auto first = Write("a", "2026-11-21T00:00:00Z mx postfix/smtpd[1]: connect from unknown[192.0.2.1]\n");
  const auto second = Write("b", "2026-11-21T00:00:01Z mx postfix/smtpd[1]: disconnect from unknown[192.0.2.1]\n");
  EXPECT_THAT(Clients({second, first}), ElementsAre("192.0.2.1"));
}

TEST_F(MailLogTest, AFileWithoutAnyLineOfALogIsNamed) {
  const auto good = Write("good", Session("2026-11-22T00:00:00Z", "192.0.2.3"));
  const auto bad = Write("bad", "what\nis\nthis\n");
  const auto empty = Write("empty", "");
  EXPECT_THAT(Clients({bad, good, empty}), ElementsAre("192.0.2.3"));
  ASSERT_EQ(problems_.size(), 1U);
  EXPECT_EQ(problems_[0].error.kind, ErrorKind::kInputData);
  EXPECT_THAT(problems_[0].error.ToString(), HasSubstr(bad + ": no line is a log line"));
}

TEST_F(MailLogTest, HeloguardsOwnFileBesideTheMailServers) {
  const auto mta =
      Write("mail.log", Session("2026-11-20T00:00:00Z", "192.0.2.1") + Session("2026-11-22T00:00:00Z", "192.0.2.2"));
  const auto own = Write("heloguard.log",
                         "2026-11-21T00:00:00.000+00:00 info started: version 0.1.0\n"
                         "2026-11-22T00:00:00.000+00:00 info session=a client=192.0.2.2 helo=x kind=single-label "
                         "verdict=accept mode=enforce stage=rcpt\n");
  EXPECT_THAT(Clients({mta, own}), ElementsAre("192.0.2.1", "192.0.2.2"));
}

constexpr const char* kOwn = " client=192.0.2.2 helo=x kind=single-label verdict=accept mode=enforce stage=rcpt\n";

// By way of syslog, in a file of its own that begins later than the mail server's.
TEST_F(MailLogTest, HeloguardsSyslogFileBesideTheMailServers) {
  const auto mta =
      Write("mail.log", Session("2026-11-20T00:00:00Z", "192.0.2.1") + Session("2026-11-22T00:00:00Z", "192.0.2.2") +
                            Session("2026-11-23T00:00:00Z", "192.0.2.3"));
  const auto own = Write("heloguard.log", std::string("2026-11-22T00:00:00Z mx heloguard[7]: session=a") + kOwn);
  EXPECT_THAT(Clients({mta, own}), ElementsAre("192.0.2.1", "192.0.2.3", "192.0.2.2"));
  EXPECT_EQ(counts_[0].lines, 6U);
  EXPECT_EQ(counts_[1].lines, 1U);
}

TEST_F(MailLogTest, BeforeAndAfterHeloguardsOwnFile) {
  const auto own = Write("heloguard.log", std::string("2026-11-20T12:00:00.000+00:00 info session=a") + kOwn);
  const auto mta =
      Write("mail.log", Session("2026-11-20T12:00:00Z", "192.0.2.2") + Session("2026-11-20T13:00:01Z", "192.0.2.3"));
  EXPECT_THAT(Clients({mta, own}), ElementsAre("192.0.2.3", "192.0.2.2"));
}

TEST_F(MailLogTest, AFileIsReadOnce) {
  const auto path = Write("mail.log", Session("2026-11-20T00:00:00Z", "192.0.2.1"));
  const std::string link = (folder_ / "link.log").string();
  std::filesystem::create_symlink(path, link);
  EXPECT_THAT(Clients({path, path, link}), ElementsAre("192.0.2.1"));
  EXPECT_EQ(counts_.size(), 1U);
  ASSERT_EQ(problems_.size(), 2U);
  EXPECT_FALSE(HasErrors(problems_));
  EXPECT_EQ(problems_[1].error.ToString(), link + ": is the same file as " + path + ": it is read once");
}

TEST_F(MailLogTest, AnEmptyFileHasASize) {
  const std::string text = Session("2026-11-20T00:00:00Z", "192.0.2.1");
  const auto log = MailLog::Open({Write("empty", ""), Write("mail.log", text)});
  ASSERT_TRUE(log.ok());
  EXPECT_EQ(log.value().size(), text.size());
}

TEST_F(MailLogTest, MoreFilesThanAreOpenAtOnce) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < MailLog::kMaxOpenFiles + 10; ++i) {
    const std::string second = std::to_string(100 + i % 60).substr(1);
    const std::string host = " mx" + std::to_string(i) + " postfix/smtpd[1]: ";
    paths.push_back(Write("log." + std::to_string(i), "2026-11-20T00:00:" + second + "Z" + host +
                                                          "connect from unknown[192.0.2.1]\n" + "2026-11-21T00:00:00Z" +
                                                          host + "disconnect from unknown[192.0.2.1]\n"));
  }
  EXPECT_EQ(Clients(paths).size(), paths.size());
  EXPECT_TRUE(problems_.empty());
}

std::string Entry(const std::string& message) {
  std::string entry =
      "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795305600000000\n_HOSTNAME=mx\nSYSLOG_IDENTIFIER=postfix/smtpd\n_PID=7\n";
  if (message.find('\n') == std::string::npos) return entry + "MESSAGE=" + message + "\n\n";
  std::string length(8, '\0');
  length[0] = static_cast<char>(message.size());
  return entry + "MESSAGE\n" + length + message + "\n\n";
}

TEST_F(MailLogTest, JournalExport) {
  const auto path = Write("journal", "\n\n" + Entry("connect from unknown[192.0.2.1]") + Entry("binary\nmessage") +
                                         Entry("disconnect from unknown[192.0.2.1]") + "__CURSOR=cut\nMESSAGE\n\xff");
  EXPECT_THAT(Clients({path}), ElementsAre("192.0.2.1"));
  EXPECT_EQ(counts_[0].lines, 4U);
  EXPECT_EQ(counts_[0].skipped, 1U) << "the one cut short";
  EXPECT_EQ(counts_[0].first, testing::At(2026, 11, 22));
}

}  // namespace
}  // namespace heloguard
