// Asks, reads the tables, knows no expectation of its own. Uses the environment that world.py sets.
#include "dns_world.h"

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

namespace heloguard::testing {
namespace {

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const std::size_t first = cell.find_first_not_of(' ');
    if (first == std::string::npos) continue;
    cells.push_back(cell.substr(first, cell.find_last_not_of(' ') - first + 1));
  }
  return cells;
}

struct Arrival {
  Subject* subject;
  DnsQuestion question;
  DnsAnswer answer;
};

// From the resolver's thread to the test's.
class Arrivals {
 public:
  void Push(Arrival arrival) {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(std::move(arrival));
    filled_.notify_one();
  }
  Arrival Pop() {
    std::unique_lock<std::mutex> lock(mutex_);
    filled_.wait(lock, [this] { return !queue_.empty(); });
    Arrival first = std::move(queue_.front());
    queue_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Arrival> queue_;
};

// The last octet of `client` if it lies in the /24 that starts with `net`, else -1.
int OctetIn(std::string_view net, std::string_view client) {
  int octet = -1;
  if (!client.starts_with(net)) return octet;
  const std::string_view last = client.substr(net.size());
  std::from_chars(last.data(), last.data() + last.size(), octet);
  return octet;
}

}  // namespace

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Settings::Dns WorldSettings() {
  Settings::Dns settings;
  settings.unbound_config = FromEnvironment("HELOGUARD_DNSWORLD_UNBOUND_CONFIG");
  return settings;
}

std::unique_ptr<UnboundResolver> StartResolver(const Settings::Dns& settings, EventSink* sink) {
  auto started = UnboundResolver::Start(settings, sink);
  EXPECT_TRUE(started.ok()) << (started.ok() ? "" : started.error().ToString());
  return started.ok() ? std::move(started).value() : nullptr;
}

std::future<DnsAnswer> Asked(UnboundResolver& resolver, const DnsQuestion& question) {
  auto promise = std::make_shared<std::promise<DnsAnswer>>();
  auto future = promise->get_future();
  resolver.Ask(question, [promise](DnsAnswer answer) { promise->set_value(std::move(answer)); });
  return future;
}

DnsAnswer Answer(UnboundResolver& resolver, const DnsQuestion& question) { return Asked(resolver, question).get(); }

std::vector<std::string> Texts(const DnsAnswer& answer) {
  std::vector<std::string> texts;
  for (const DnsRecord& record : answer.data) texts.push_back(ToText(record));
  return texts;
}

Subject SubjectOf(std::string_view client, std::string_view helo) {
  Subject subject;
  subject.inputs.client = Ip(client);
  subject.inputs.client_known = true;
  subject.inputs.own = std::make_shared<const OwnIdentity>();
  if (!helo.empty()) subject.inputs.helo = ParseHelo(helo);
  return subject;
}

void ResolveAll(UnboundResolver& resolver, LookupSet wanted, const std::vector<Subject*>& subjects) {
  const auto arrivals = std::make_shared<Arrivals>();
  std::size_t outstanding = 0;
  const auto ask_next = [&](Subject* subject) {
    LookupInputs inputs;
    inputs.client = subject->inputs.client;
    if (subject->inputs.helo) inputs.helo = subject->inputs.helo->domain;
    const auto questions = NextQuestions(wanted, inputs, subject->book, LookupLimits{});
    for (const DnsQuestion& question : questions) {
      resolver.Ask(question, [arrivals, subject, question](DnsAnswer answer) {
        arrivals->Push({subject, question, std::move(answer)});
      });
    }
    outstanding += questions.size();
    return questions.size();
  };
  std::map<Subject*, std::size_t> waiting;  // for how many answers
  for (Subject* subject : subjects) waiting[subject] = ask_next(subject);
  while (outstanding > 0) {
    Arrival arrival = arrivals->Pop();
    --outstanding;
    arrival.subject->book.Set(arrival.question, std::move(arrival.answer));
    if (--waiting[arrival.subject] == 0) waiting[arrival.subject] = ask_next(arrival.subject);
  }
}

std::string Shown(FactId id, const Subject& subject) {
  const Fact fact = BuildFacts(FactSet{id}, subject.inputs, subject.book)[id];
  if (fact.state() == FactState::kUnknown) return "unknown";
  if (fact.state() == FactState::kNotApplicable) return "n/a";
  std::string shown;
  for (const std::string& word : ValueTexts(SpecOf(id), fact)) shown += (shown.empty() ? "" : " ") + word;
  return shown;
}

std::string Ended(const DnsAnswers& book, const DnsQuestion& question) {
  const DnsAnswer* answer = book.Find(question);
  if (answer == nullptr) return "";
  return std::string(NameOf(answer->status)) + " " + std::string(NameOf(answer->dnssec));
}

std::vector<std::vector<std::string>> ReadmeTable(std::string_view heading) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream readme(std::string(HELOGUARD_SOURCE_DIR) + "/tests/dnsworld/README.md");
  bool inside = false;
  for (std::string line; std::getline(readme, line);) {
    const auto cells = line.starts_with('|') ? Cells(line) : std::vector<std::string>{};
    if (cells.empty()) {
      inside = false;
    } else if (cells.front() == heading) {
      inside = true;
    } else if (inside && !cells.front().starts_with("--")) {
      rows.push_back(cells);
    }
  }
  EXPECT_FALSE(rows.empty()) << heading;
  return rows;
}

std::vector<std::string> WithTwins(const std::string& client) {
  struct Twin {
    std::string_view net, twin;
    int first, last;
  };
  constexpr std::array<Twin, 5> kTwins{{{"192.0.2.", "127.0.2.", 0, 255},
                                        {"198.51.100.", "127.0.100.", 0, 255},
                                        {"203.0.113.", "127.0.113.", 0, 255},
                                        {"192.0.2.", "2001:db8::", 70, 95},
                                        {"198.18.50.", "2001:db8:50::", 1, 100}}};
  std::vector<std::string> clients{client};
  for (const Twin& twin : kTwins) {
    const int octet = OctetIn(twin.net, client);
    if (octet < twin.first || octet > twin.last) continue;
    clients.push_back(std::string(twin.twin) + client.substr(twin.net.size()));
  }
  return clients;
}

}  // namespace heloguard::testing
