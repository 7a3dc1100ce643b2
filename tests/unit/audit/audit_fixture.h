// An audit on scripted DNS and with the shipped policies, for the tests of its checks.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/toml/policy_reader.h"
#include "app/audit/gather_evidence.h"
#include "audit/audit_checks.h"
#include "dns_text.h"
#include "engine/drive/simulated_services.h"

namespace heloguard::testing {

inline constexpr std::string_view kIp = "203.0.113.7";
inline constexpr std::string_view kMail = "mail.example.com";

class NoSink final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override {}
};

inline std::shared_ptr<const Policy> Shipped(const std::string& name) {
  PolicyReadOptions options;
  options.today = std::chrono::year{2026} / std::chrono::January / 1;
  LoadedPolicy loaded = ReadPolicy(std::string(HELOGUARD_SOURCE_DIR) + "/policies/" + name + ".toml", options);
  if (loaded.policy == nullptr) ADD_FAILURE() << name << " does not load";
  return loaded.policy;
}

class Audit : public ::testing::Test {
 protected:
  // The clean server: mail.example.com is 203.0.113.7, both ways, with an SPF record.
  Audit() {
    Script(A(kMail), Addresses({kIp}, Dnssec::kSecure));
    Script(Ptr(kIp), Names({kMail}, Dnssec::kSecure));
    Script(Txt(kMail), Texts({"v=spf1 a -all"}));
  }
  void Script(const DnsQuestion& question, const DnsAnswer& answer) { dns_.Script(question, answer); }

  void Gather(std::string_view name, const std::vector<std::string_view>& addresses = {kIp}) {
    static const Policies kPolicies{Shipped("default"), Shipped("strict")};
    CommandServices world;
    world.resolver = offline_ ? nullptr : &dns_;
    world.clock = world.waitable = &dns_;
    world.sink = &sink_;
    world.own = std::make_shared<const OwnIdentity>();
    std::vector<IpAddress> clients;
    for (const std::string_view address : addresses) clients.push_back(Ip(address));
    const AuditEvidence evidence = [&] {
      AuditEvidence gathered = GatherEvidence(ParseHelo(name), clients, kPolicies, world);
      gathered.resolver_well = resolver_well_;
      return gathered;
    }();
    left_out_ = evidence.left_out;
    sections_ = {CheckName(evidence, clients)};
    constexpr std::array kRefused{CheckResult::kFail, CheckResult::kWarn};
    for (const AddressEvidence& at : evidence.addresses) sections_.push_back(CheckAddress(evidence, at, kRefused));
  }
  // "name=pass domain=pass" of a section, without what passes if all of it does.
  [[nodiscard]] std::string Results(std::size_t section) const {
    std::string text;
    for (const CheckRow& row : sections_.at(section).rows) {
      text += (text.empty() ? "" : " ") + std::string(NameOf(row.check)) + "=" + std::string(NameOf(row.result));
    }
    return text;
  }
  [[nodiscard]] const CheckRow& Row(std::size_t section, CheckId check) const {
    const auto& rows = sections_.at(section).rows;
    const auto row = std::ranges::find(rows, check, &CheckRow::check);
    static const CheckRow kNone;
    if (row == rows.end()) ADD_FAILURE() << "no row " << NameOf(check) << " in " << sections_.at(section).title;
    return row == rows.end() ? kNone : *row;
  }
  // Every record to publish, each once.
  [[nodiscard]] std::vector<std::string> Published() const {
    std::vector<std::string> lines;
    for (const CheckSection& section : sections_) {
      for (const CheckRow& row : section.rows) {
        for (const ZoneLine& line : row.publish) {
          const std::string text = RecordText(line.record) + " " + line.data;
          if (std::ranges::find(lines, text) == lines.end()) lines.push_back(text);
        }
      }
    }
    return lines;
  }

  SimulatedServices dns_;
  NoSink sink_;
  bool resolver_well_ = true;
  bool offline_ = false;
  std::size_t left_out_ = 0;
  std::vector<CheckSection> sections_;
};

}  // namespace heloguard::testing
