// The client's side of a conversation that ends before any mail. Judges no name.
// RFC 5321 sections 3.1, 4.1.1.1, 4.2.1 (multiline replies), 4.3.2. Tests: tests/unit/adapters/smtp/smtp_probe_test.cc.
#include "adapters/smtp/smtp_probe.h"

#include "adapters/smtp/smtp_reply_line.h"
#include "heloguard/facts/helo.h"

namespace heloguard {
namespace {

// More than any server's list of extensions.
constexpr int kMaxReplyLines = 100;

std::string_view WhyNoLine(SmtpConnection::Line::End end) {
  switch (end) {
    case SmtpConnection::Line::End::kClosed:
      return "the server closed the connection";
    case SmtpConnection::Line::End::kTimeout:
      return "the server did not answer in time";
    case SmtpConnection::Line::End::kTooMuch:
      return "the server says too much";
    case SmtpConnection::Line::End::kLine:
    case SmtpConnection::Line::End::kTooLong:
      break;
  }
  return "what answers is no SMTP server";
}

Error Failed(std::string_view what) { return {ErrorKind::kUnavailable, std::string(what), {}}; }

struct Reply {
  int code = 0;
  std::string name;  // the first line's
};

Result<Reply> ReadReply(SmtpConnection* connection) {
  Reply reply;
  for (int count = 0; count < kMaxReplyLines; ++count) {
    const SmtpConnection::Line line = connection->Read();
    const auto parsed = line.read() ? ParseSmtpReplyLine(line.text) : std::nullopt;
    if (!parsed || (count > 0 && parsed->code != reply.code)) return Failed(WhyNoLine(line.end));
    if (count == 0) reply = {parsed->code, std::string(NameInReply(parsed->text).substr(0, kMaxHeloBytes))};
    if (parsed->last) return reply;
  }
  return Failed(WhyNoLine(SmtpConnection::Line::End::kTooMuch));
}

bool Positive(int code) { return code / 100 == 2; }

Result<Reply> Ask(SmtpConnection* connection, std::string_view verb) {
  const std::string line = std::string(verb) + " " + AddressLiteral(connection->local()) + "\r\n";
  if (!connection->Write(line)) return Failed(WhyNoLine(SmtpConnection::Line::End::kClosed));
  return ReadReply(connection);
}

}  // namespace

Result<SmtpSelf> ProbeSmtp(const ServerAddress& server, const SmtpLimits& limits) {
  const auto connected = SmtpConnection::Connect(server, limits);
  if (!connected.ok()) return connected.error();
  SmtpConnection* const connection = connected.value().get();
  const Result<Reply> banner = ReadReply(connection);
  if (!banner.ok()) return banner.error();
  SmtpSelf self;
  self.banner_code = banner.value().code;
  self.banner = banner.value().name;
  if (Positive(self.banner_code)) {
    Result<Reply> ehlo = Ask(connection, "EHLO");
    if (ehlo.ok() && !Positive(ehlo.value().code)) ehlo = Ask(connection, "HELO");
    if (ehlo.ok()) {
      self.ehlo_code = ehlo.value().code;
      if (Positive(self.ehlo_code)) self.ehlo = ehlo.value().name;
    }
  }
  // Politeness; whether it still arrives changes nothing.
  static_cast<void>(connection->Write("QUIT\r\n"));
  return self;
}

}  // namespace heloguard
