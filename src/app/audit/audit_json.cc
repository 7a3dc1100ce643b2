// Writes an audit as JSON: what it is called and in which order. Judges nothing. Tests: tests/cli/audit_test.py.
#include "app/audit/audit_json.h"

#include <cmath>

#include "app/shared/json_writer.h"

namespace heloguard {
namespace {

double Rounded(double value) { return std::round(value * 1000) / 1000; }

Json AnsweredJson(const Answered& answered) {
  Json rules = Json::array();
  for (const Charge& charge : answered.charges) {
    Json rule = {{"rule", charge.rule}, {"action", NameOf(charge.action)}};
    if (charge.action == ActionKind::kScore) rule["score"] = charge.score;
    rules.push_back(std::move(rule));
  }
  return {{"policy", answered.policy},
          {"verdict", NameOf(answered.outcome)},
          {"rule", answered.rule ? Json(*answered.rule) : Json(nullptr)},
          {"score", Rounded(answered.score)},
          {"reject_from", answered.reject_from ? Json(*answered.reject_from) : Json(nullptr)},
          {"reply", answered.reply.empty() ? Json(nullptr) : Json(answered.reply)},
          {"matched", std::move(rules)}};
}

Json RowJson(const CheckSection& section, const CheckRow& row) {
  Json publish = Json::array();
  for (const ZoneLine& line : row.publish) publish.push_back(RecordText(line.record) + " " + line.data);
  Json json = {{"check", NameOf(row.check)},
               {"subject", section.subject.empty() ? Json(nullptr) : Json(section.subject)},
               {"result", NameOf(row.result)},
               {"text", row.text},
               {"dnssec", row.dnssec ? Json(NameOf(*row.dnssec)) : Json(nullptr)},
               {"advice", row.advice},
               {"publish", std::move(publish)}};
  if (row.answered) json["answer"] = AnsweredJson(*row.answered);
  return json;
}

}  // namespace

std::string AuditJson(const AuditReport& report) {
  Json checks = Json::array();
  for (const CheckSection& section : report.sections) {
    for (const CheckRow& row : section.rows) checks.push_back(RowJson(section, row));
  }
  return ToLine({{"name", report.name},
                 {"result", NameOf(WorstOf(report))},
                 {"addresses_left_out", report.left_out},
                 {"checks", std::move(checks)}});
}

}  // namespace heloguard
