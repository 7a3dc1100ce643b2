// The frames of log lines.
#include "adapters/maillog/frames/syslog_line.h"

#include <gtest/gtest.h>

#include "memory_file.h"

namespace heloguard {
namespace {

std::string Parts(std::string_view line) {
  LogClock clock(testing::At(2026, 11, 22));
  const auto parsed = ParseSyslogLine(line, &clock);
  if (!parsed) return "(none)";
  return std::string(parsed->host) + "|" + std::string(parsed->program) + "|" + std::to_string(parsed->pid) + "|" +
         std::string(parsed->message);
}

TEST(SyslogLine, TraditionalAndIso) {
  EXPECT_EQ(Parts("Nov 22 11:00:00 mx postfix/smtpd[123]: connect from a[b]"),
            "mx|postfix/smtpd|123|connect from a[b]");
  EXPECT_EQ(Parts("2026-11-22T11:00:00.1+01:00 mx sm-mta[7]: x: y"), "mx|sm-mta|7|x: y");
  EXPECT_EQ(Parts("<22>Nov 22 11:00:00 mx postfix/smtpd[123]: a"), "mx|postfix/smtpd|123|a");
  EXPECT_EQ(Parts("Nov 22 11:00:00 mx heloguard: session=a"), "mx|heloguard|0|session=a");
}

TEST(SyslogLine, WithoutAHost) {
  EXPECT_EQ(Parts("Nov 22 11:00:00 postfix/smtpd[123]: NOQUEUE: reject: x"), "|postfix/smtpd|123|NOQUEUE: reject: x");
}

TEST(SyslogLine, Rfc5424) {
  EXPECT_EQ(Parts("<22>1 2026-11-22T11:00:00.000Z mx postfix/smtpd 123 - - connect from a"),
            "mx|postfix/smtpd|123|connect from a");
  EXPECT_EQ(Parts("<22>1 2026-11-22T11:00:00Z mx heloguard - ID [a b=\"] c\\\"\"][d] \xef\xbb\xbfsession=x"),
            "mx|heloguard|0|session=x");
  EXPECT_EQ(Parts("<22>1 2026-11-22T11:00:00Z mx heloguard - ID [never ends"), "mx|heloguard|0|");
  EXPECT_EQ(Parts("1 2026-11-22T11:00:00Z mx postfix/smtpd 123 - - a"), "mx|postfix/smtpd|123|a");
}

TEST(SyslogLine, RepeatedLines) {
  EXPECT_EQ(Parts("Nov 22 11:00:00 mx postfix/smtpd[1]: message repeated 12 times: [ connect from a[b]]"),
            "mx|postfix/smtpd|1|connect from a[b]");
  EXPECT_EQ(Parts("<22>1 2026-11-22T11:00:00Z mx postfix/smtpd 1 - - message repeated 2 times: [a]"),
            "mx|postfix/smtpd|1|a");
  for (const char* message : {"message repeated x times: [ a]", "message repeated 2 times", "message repeated "}) {
    EXPECT_EQ(Parts("Nov 22 11:00:00 mx x[1]: " + std::string(message)), "mx|x|1|" + std::string(message));
  }
}

TEST(SyslogLine, HeloguardsOwnFiles) {
  EXPECT_EQ(Parts("2026-11-22T11:59:49.910+00:00 info session=0tow client=192.0.2.1"),
            "|heloguard|0|session=0tow client=192.0.2.1");
  const std::string json = R"({"time":"2026-11-22T11:59:49.910+0000","level":"info","session":"a"})";
  EXPECT_EQ(Parts(json), "|heloguard|0|" + json);
}

TEST(SyslogLine, NothingElse) {
  for (const char* line :
       {"", "hello", "Nov 22 11:00:00", "Nov 22 11:00:00 ", "Nov 22 11:00:00 mx",
        "Nov 22 11:00:00 mx last message repeated 3 times", "Nov 22 11:00:00 mx : x", "{\"time\":\"nonsense\"}",
        "{\"time\":\"", "<22>1 nonsense", "1 nonsense", "1 ", "<999999>x"}) {
    EXPECT_EQ(Parts(line), "(none)") << line;
  }
  EXPECT_EQ(Parts("Nov 22 11:00:00 mx smtpd[99999999999999]: x"), "mx|smtpd|0|x");
  EXPECT_EQ(Parts("Nov 22 11:00:00 mx smtpd[-1]: x"), "mx|smtpd|0|x");
}

}  // namespace
}  // namespace heloguard
