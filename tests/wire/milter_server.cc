// A milter server for wire tests: the front end and the engine as the daemon has them, with scripted DNS and a session
// factory that fails on demand. Tells what happens on standard output, one line an event:
//
//   listening                 the socket is open
//   opened                    a session began
//   judged | key=value | ...  a verdict
//   error TEXT                what the front end logs
//   served ok | served WHY    serving has ended or could not begin; exit status 0 or 1
//
// SIGUSR2 stops it as the daemon is stopped.
#include "adapters/milter/libmilter/milter_server.h"

#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigwait and pthread_kill are POSIX

#include <cstdio>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/toml/policy_reader.h"
#include "dns_text.h"
#include "engine/session_id.h"
#include "heloguard/base/escape.h"
#include "os/clock.h"
#include "threaded_dns.h"

namespace heloguard::testing {
namespace {

struct Options {
  Settings::Milter milter;
  Services world;
  std::string policy;
  Settings::Headers headers;
  std::string fail;  // what throws: policy, session, judged
  bool offline = false;
};

class Printer {
 public:
  void Print(const std::string& line) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::puts(line.c_str());
    std::fflush(stdout);
  }

 private:
  std::mutex mutex_;
};

std::string NotesText(const MtaNotes& n) {
  return n.client_name + "," + n.client_ptr + "," + n.client_resolve + "," + n.protocol + "," + n.helo + "," +
         n.queue_id;
}

class PrintingSink final : public EventSink {
 public:
  PrintingSink(Printer* printer, bool fails) : printer_(printer), fails_(fails) {}
  void SessionOpened() override { printer_->Print("opened"); }
  void Alarm(std::string_view text) override { printer_->Print("alarm | " + std::string(text)); }
  void Judged(const SessionReport& report) override {
    if (fails_) throw std::runtime_error("scripted failure of the sink");
    std::ostringstream line;
    line << "judged | session=" << report.session
         << " | client=" << (report.inputs.client ? report.inputs.client->ToString() : "-")
         << " | port=" << report.inputs.port.value_or(0) << " | mta=" << EscapeBytes(report.inputs.mta_name)
         << " | notes=" << EscapeBytes(NotesText(report.mta))
         << " | helo=" << EscapeBytes(report.inputs.helo ? report.inputs.helo->text : "")
         << " | kind=" << NameOf(report.inputs.helo ? report.inputs.helo->kind : HeloKind::kMissing)
         << " | tls=" << report.inputs.tls.value_or(false)
         << " | authenticated=" << report.inputs.authenticated.value_or(false)
         << " | verdict=" << NameOf(report.judgement.verdict.outcome) << " | exempt=" << report.judgement.exempt
         << " | stage=" << NameOf(report.judgement.stage) << " | from=" << EscapeBytes(report.from)
         << " | to=" << EscapeBytes(report.to);
    printer_->Print(line.str());
  }

 private:
  Printer* printer_;
  bool fails_;
};

// "NAME TYPE DATA AFTER_MS": DATA is an address, a name or NXDOMAIN; a PTR's NAME is the address.
void ReadDnsLine(const std::string& text, ThreadedDns* dns) {
  std::istringstream in(text);
  std::string name;
  std::string type;
  std::string data;
  int after = 0;
  if (!(in >> name >> type >> data >> after)) throw std::invalid_argument("--dns " + text);
  const DnsQuestion question = type == "PTR" ? Ptr(name) : type == "AAAA" ? Aaaa(name) : A(name);
  DnsAnswer answer = End(DnsStatus::kNxDomain);
  if (data != "NXDOMAIN") answer = type == "PTR" ? Names({data}) : Addresses({data});
  dns->Script(question, std::move(answer), std::chrono::milliseconds(after));
}

Options ReadOptions(const std::vector<std::string>& arguments, ThreadedDns* dns) {
  Options options;
  const std::map<std::string, std::function<void(const std::string&)>> setters = {
      {"--socket", [&](const std::string& v) { options.milter.socket = v; }},
      {"--mode", [&](const std::string& v) { options.milter.socket_mode = unsigned(std::stoul(v, nullptr, 8)); }},
      {"--group", [&](const std::string& v) { options.milter.socket_group = v; }},
      {"--backlog", [&](const std::string& v) { options.milter.backlog = std::stoi(v); }},
      {"--drain", [&](const std::string& v) { options.milter.drain = std::chrono::milliseconds(std::stol(v)); }},
      {"--on-internal-error",
       [&](const std::string& v) {
         options.milter.on_internal_error = v == "accept" ? OnInternalError::kAccept : OnInternalError::kTempfail;
       }},
      {"--deadline", [&](const std::string& v) { options.world.deadline = std::chrono::milliseconds(std::stol(v)); }},
      {"--policy", [&](const std::string& v) { options.policy = v; }},
      {"--headers",
       [&](const std::string& v) {
         options.headers = {true, v == "j" ? "" : v};
       }},
      {"--fail", [&](const std::string& v) { options.fail = v; }},
      {"--dns", [&](const std::string& v) { ReadDnsLine(v, dns); }},
      {"--silent", [&](const std::string&) { dns->Silence(); }},
      {"--offline", [&](const std::string&) { options.offline = true; }},
  };
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) setters.at(arguments[i])(arguments[i + 1]);
  return options;
}

std::shared_ptr<const Policy> LoadPolicy(const std::string& path) {
  PolicyReadOptions options;
  options.today = SystemClock().Today();
  LoadedPolicy loaded = ReadPolicy(path, options);
  for (const Diagnostic& d : loaded.diagnostics) std::fprintf(stderr, "%s\n", d.error.ToString().c_str());
  if (!loaded.policy) throw std::invalid_argument("--policy " + path);
  return loaded.policy;
}

// Drains and stops `server` on the first SIGUSR2, which has to be blocked in every thread.
class StopOnSignal {
 public:
  StopOnSignal(Frontend* server, std::chrono::milliseconds drain)
      : thread_([server, drain] { WaitAndStop(server, drain); }) {}
  ~StopOnSignal() {
    pthread_kill(thread_.native_handle(), SIGUSR2);  // pending for nobody if the first one did it
    thread_.join();
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  static void WaitAndStop(Frontend* server, std::chrono::milliseconds drain) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    int signal = 0;
    sigwait(&signals, &signal);
    server->Drain(drain);
    server->Stop();
  }
  std::thread thread_;
};

// Serves until the front end ends.
Status Serve(Frontend* server, std::chrono::milliseconds drain, Printer* printer) {
  const auto ended = std::make_shared<std::promise<Status>>();  // set while the future may be gone already
  Status started = server->Start([ended](const Status& status) { ended->set_value(status); });
  if (!started.ok()) return started;
  printer->Print("listening");
  const StopOnSignal stop(server, drain);
  return ended->get_future().get();
}

int Run(const std::vector<std::string>& arguments) {
  SystemClock clock;  // outlives the resolver, whose last answers may still ask the time
  ThreadedDns dns;
  Options options = ReadOptions(arguments, &dns);
  const auto policy = LoadPolicy(options.policy);
  Printer printer;
  PrintingSink sink(&printer, options.fail == "judged");
  SessionIds ids(7);

  SessionFactory::Parts parts;
  parts.policy = [&] {
    if (options.fail == "policy") throw std::runtime_error("scripted failure of the policy\n");
    return policy;
  };
  parts.new_id = [&] {
    if (options.fail == "session") throw std::runtime_error("scripted failure of the session id");
    return ids.Next(std::chrono::system_clock::now());
  };
  parts.services = options.world;
  parts.services.resolver = options.offline ? nullptr : &dns;
  parts.services.clock = &clock;
  parts.services.sink = &sink;

  MilterServer server(options.milter, options.headers, SessionFactory(std::move(parts)), &clock,
                      [&](std::string_view text) { printer.Print("error " + std::string(text)); });
  const Status served = Serve(&server, options.milter.drain, &printer);
  server.Stop();
  printer.Print("served " + (served.ok() ? "ok" : served.error().ToString()));
  return served.ok() ? 0 : 1;
}

}  // namespace
}  // namespace heloguard::testing

int main(int argc, char** argv) {
  // Before the first thread: our own signal, and libmilter's, which it waits for itself.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGUSR2, SIGHUP, SIGINT, SIGTERM}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    return heloguard::testing::Run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "milter_server: %s\n", e.what());
    return 2;
  }
}
