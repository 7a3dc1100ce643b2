// How many lines of a mail log a second, on one core: cut into lines, joined to sessions, judged and counted. The log
// is made up: Postfix's lines in the proportions of a busy host, one session in ten refused, seven lines a session.
#include <zlib.h>

#include <cstdio>
#include <random>

#include "adapters/maillog/mail_log.h"
#include "bench.h"
#include "measure.h"
#include "replay/replay_tally.h"

namespace heloguard::bench {
namespace {

constexpr int kSessions = 60'000;
constexpr int kClients = 20'000;  // each comes thrice

class Memory final : public ByteSource {
 public:
  explicit Memory(std::string_view bytes) : bytes_(bytes) {}
  std::size_t Read(std::span<char> into) override {
    const std::size_t size = std::min(bytes_.size(), into.size());
    std::copy_n(bytes_.data(), size, into.data());
    bytes_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view bytes_;
};

void AppendSession(int number, unsigned client, std::string* log) {
  const std::string address = "198." + std::to_string(client / 65'536) + "." + std::to_string(client / 256 % 256) +
                              "." + std::to_string(client % 256);
  const std::string name = "mail-" + std::to_string(client) + ".example.com";
  const std::string who = name + "[" + address + "]";
  const std::string id = "4" + std::to_string(1'000'000 + number) + "AB";
  std::string time = "2026-11-21T10:00:00.123456+01:00 mx ";
  const int second = number / 20;
  const std::string clock =
      std::to_string(100'000'000 + second / 3600 % 24 * 10'000 + second / 60 % 60 * 100 + second % 60);
  time.replace(11, 2, clock.substr(3, 2)).replace(14, 2, clock.substr(5, 2)).replace(17, 2, clock.substr(7, 2));
  const std::string smtpd = time + "postfix/smtpd[" + std::to_string(1000 + number % 100) + "]: ";
  *log += smtpd + "connect from " + who + "\n";
  if (number % 10 == 0) {
    *log += smtpd + "NOQUEUE: reject: RCPT from " + who + ": 450 4.1.8 <a@" + name +
            ">: Sender address rejected: Domain not found; from=<a@" + name +
            "> to=<user@example.net> proto=ESMTP helo=<" + name + ">\n";
    *log += smtpd + "disconnect from " + who + " ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4\n";
    return;
  }
  *log += smtpd + id + ": client=" + who + "\n";
  *log += time + "postfix/cleanup[2]: " + id + ": message-id=<" + id + "@" + name + ">\n";
  *log += time + "postfix/qmgr[3]: " + id + ": from=<a@" + name + ">, size=12345, nrcpt=1 (queue active)\n";
  *log += smtpd + "disconnect from " + who + " ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7\n";
  *log += time + "postfix/lmtp[4]: " + id + ": to=<user@example.net>, relay=mx[private/dovecot-lmtp], delay=0.3, " +
          "delays=0.2/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <user@example.net> " + id + " Saved)\n";
  *log += time + "postfix/qmgr[3]: " + id + ": removed\n";
}

std::string MadeUpLog() {
  std::mt19937 random(1);
  std::string log;
  for (int i = 0; i < kSessions; ++i) AppendSession(i, static_cast<unsigned>(random() % kClients), &log);
  return log;
}

std::string Gzip(std::string text) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) Fail("zlib does not work");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) Fail("zlib does not work");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::unique_ptr<LogFile> FileOf(std::string_view bytes) {
  return std::make_unique<LogFile>("made-up.log", std::make_unique<Memory>(bytes),
                                   std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
}

std::uint64_t CutIntoLines(std::string_view log) {
  const auto file = FileOf(log);
  std::uint64_t lines = 0;
  std::string_view line;
  while (file->NextLine(&line)) ++lines;
  return lines;
}

std::uint64_t ReadSessions(std::string_view bytes, const SessionJoiner::Sink& sink) {
  std::vector<std::unique_ptr<LogFile>> files;
  files.push_back(FileOf(bytes));
  MailLog log = MailLog::Of(std::move(files));
  log.Read({}, sink);
  return log.counts().front().lines;
}

std::uint64_t Replay(std::string_view log, const std::shared_ptr<const Policy>& policy) {
  ReplayJudge judge({policy, nullptr}, std::make_shared<const OwnIdentity>(),
                    std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
  ReplayTally tally(*policy);
  return ReadSessions(
      log, [&](const LoggedSession& session) { static_cast<void>(tally.Add(session, judge.Judge(session, nullptr))); });
}

void Measure(const char* what, const Rounds& baseline, const std::function<std::uint64_t()>& run, Rounds* rounds) {
  constexpr int kRounds = 5;
  for (int i = 0; i < kRounds; ++i) {
    const Stopwatch watch;
    const std::uint64_t lines = run();
    rounds->Add(static_cast<double>(lines), watch.Seconds(), watch.ProcessorSeconds());
  }
  PrintRounds(what, *rounds, baseline);
  std::printf("\n");
}

}  // namespace

void RunReplay(const std::string& policies) {
  const std::string log = MadeUpLog();
  const std::string packed = Gzip(log);
  const auto policy = LoadPolicy(policies + "/default.toml");
  std::printf("%zu MB, packed %zu MB\n", log.size() >> 20U, packed.size() >> 20U);
  PrintRoundsHead("one core", "lines/s");
  std::printf("\n");
  Rounds lines;
  Rounds joined;
  Rounds judged;
  Rounds unpacked;
  Measure(
      "cut into lines (baseline)", lines, [&] { return CutIntoLines(log); }, &lines);
  Measure(
      "joined to sessions", lines, [&] { return ReadSessions(log, [](const LoggedSession&) {}); }, &joined);
  Measure(
      "judged by default.toml and counted", lines, [&] { return Replay(log, policy); }, &judged);
  Measure(
      "the same, unpacked from gzip", lines, [&] { return Replay(packed, policy); }, &unpacked);
}

}  // namespace heloguard::bench
