// Asks the canaries: SOA of each, DNSKEY of each trust anchor, with the validator and once more without it. What the
// answers mean is judged in canary_report.cc. Tests: tests/unit/adapters/unbound/canary_look_test.cc,
// tests/dnsworld/canary_test.cc.
#include "adapters/unbound/canary_look.h"

#include <event2/event.h>

#include "adapters/unbound/dns_packet.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr std::uint16_t kTypeSoa = 6;
constexpr std::uint16_t kTypeDnskey = 48;

std::uint16_t TypeOf(const CanaryFinding& finding) { return finding.is_key ? kTypeDnskey : kTypeSoa; }

// SERVFAIL and REFUSED are no answers, whatever the packet holds besides.
CanaryEnd EndOf(const RawAnswer& raw, const PacketGlance& glance) {
  constexpr unsigned kNoError = 0;
  constexpr unsigned kNameError = 3;
  if (glance.rcode != kNoError && glance.rcode != kNameError) return CanaryEnd::kNone;
  switch (raw.security) {
    case 1:
      return CanaryEnd::kBogus;
    case 2:
      return CanaryEnd::kSecure;
    default:
      return glance.has_records ? CanaryEnd::kAnswered : CanaryEnd::kDenied;
  }
}

CanaryFinding Unasked(const DomainName& name, bool is_key, bool validated) {
  CanaryFinding finding;
  finding.name = name;
  finding.is_key = is_key;
  finding.validated = validated;
  return finding;
}

// What stands for an answer where the library takes no question.
RawAnswer Refusal() {
  constexpr int kServFail = 2;
  RawAnswer raw;
  raw.error = kServFail;
  return raw;
}

void Read(const RawAnswer& raw, CanaryFinding* finding) {
  if (raw.error != 0) return;
  const auto glance = GlanceAtPacket(raw.packet, finding->name, TypeOf(*finding));
  if (!glance) return;
  finding->end = EndOf(raw, *glance);
  finding->has_records = glance->has_records;
  finding->has_signature = glance->has_signature;
  if (raw.why_bogus != nullptr) finding->why_bogus = EscapeBytes(raw.why_bogus);
}

}  // namespace

void CanaryLook::EventDeleter::operator()(event* e) const { event_free(e); }

CanaryLook::CanaryLook(event_base* loop, const UnboundOptions& plan, Canary::Callback done)
    : loop_(loop), plan_(plan), done_(std::move(done)) {}

CanaryLook::~CanaryLook() = default;

Status CanaryLook::Start() {
  if (plan_.validate) {
    auto made = UnboundContext::Make(loop_, plan_, {.validate = true, .canary = true});
    if (!made.ok()) return made.error();
    validating_ = std::move(made).value();
  }
  auto made = UnboundContext::Make(loop_, plan_, {.validate = false, .canary = true});
  if (!made.ok()) return made.error();
  plain_ = std::move(made).value();
  constexpr auto kThousand = std::chrono::milliseconds::period::den;
  const timeval deadline{.tv_sec = plan_.look_time.count() / kThousand,
                         .tv_usec = plan_.look_time.count() % kThousand * kThousand};
  end_.reset(event_new(loop_, -1, 0, &OnEnd, this));
  if (!end_ || event_add(end_.get(), &deadline) != 0) {
    return Error{ErrorKind::kUnavailable, "no timer for a look at the resolver", {}};
  }
  AskAll();
  return Done{};
}

// The list is whole before the first question, since answers may come inside Ask.
void CanaryLook::AskAll() {
  const std::vector<DomainName> anchors = validating_ ? validating_->anchors() : std::vector<DomainName>{};
  for (const bool validated : {true, false}) {
    if (validated && !validating_) continue;
    for (const DomainName& name : plan_.canaries) findings_.push_back(Unasked(name, false, validated));
    for (const DomainName& anchor : anchors) findings_.push_back(Unasked(anchor, true, validated));
  }
  open_ = findings_.size();
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    UnboundContext& context = findings_[i].validated ? *validating_ : *plain_;
    const auto found = [this, i](const RawAnswer& raw) { Found(i, raw); };
    if (!context.Ask(findings_[i].name, TypeOf(findings_[i]), found)) Found(i, Refusal());
  }
}

// Nothing may be thrown through the C libraries: what memory ran out for counts as unanswered.
void CanaryLook::Found(std::size_t index, const RawAnswer& raw) noexcept {
  --open_;
  try {
    Read(raw, &findings_[index]);
    if (open_ == 0 || IsProvenWell(findings_)) EndSoon();
  } catch (...) {
    if (open_ == 0) EndSoon();
  }
}

// Contexts must not go inside a callback of theirs, so the end comes from the loop.
void CanaryLook::EndSoon() { event_active(end_.get(), EV_TIMEOUT, 0); }

void CanaryLook::OnEnd(int, short, void* self) noexcept {
  auto* look = static_cast<CanaryLook*>(self);
  const Canary::Callback done = std::move(look->done_);
  CanaryReport report;
  try {
    report = ReportOn(look->findings_, look->plan_.words, std::chrono::system_clock::now());
  } catch (...) {
    report.state = ResolverState::kNoAnswer;
  }
  done(std::move(report));  // the look may be gone now
}

}  // namespace heloguard
