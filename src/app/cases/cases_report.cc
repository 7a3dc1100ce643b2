// Prints what became of .cases files and of the rules they judge. Pure. Tests: tests/cli/test_policy_test.py.
#include "app/cases/cases_report.h"

#include <algorithm>

#include "app/shared/json_writer.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

struct Sums {
  std::size_t passed = 0, failed = 0;
};

Sums SumUp(const std::vector<TestedFile>& files) {
  Sums sums;
  for (const TestedFile& file : files) {
    sums.passed += file.result.passed;
    sums.failed += file.result.failures.size();
  }
  return sums;
}

std::string Counts(const Sums& sums) {
  return std::to_string(sums.passed) + " passed" +
         (sums.failed == 0 ? "" : ", " + std::to_string(sums.failed) + " failed");
}

std::string CoverageLine(const FileCoverage& file) {
  std::string line = EscapeBytes(file.file) + ": " + std::to_string(file.exercised) + " of " +
                     std::to_string(file.exercised + file.never.size()) + " rules exercised";
  if (file.included) return line + " (included)";
  for (std::size_t i = 0; i < file.never.size(); ++i) {
    line += (i == 0 ? "; never: " : ", ") + EscapeBytes(file.never[i]);
  }
  return line;
}

std::string AsText(const TestRun& run) {
  std::string text;
  for (const TestedFile& file : run.files) {
    const std::string path = EscapeBytes(file.path);
    if (HasErrors(file.problems)) {
      text += path + ": did not run\n";
      continue;
    }
    text += path + ": " + Counts({file.result.passed, file.result.failures.size()}) + "\n";
    for (const CaseFailure& failure : file.result.failures) {
      text += path + ":" + std::to_string(failure.where.line) + ": " + failure.line + "\n" +
              "  expected: " + failure.expected + "\n  got:      " + failure.got + "\n";
    }
  }
  if (run.files.size() > 1) text += std::to_string(run.files.size()) + " files: " + Counts(SumUp(run.files)) + "\n";
  for (const FileCoverage& file : run.coverage) text += CoverageLine(file) + "\n";
  return text;
}

Json FailuresJson(const CasesResult& result) {
  Json failures = Json::array();
  for (const CaseFailure& failure : result.failures) {
    failures.push_back(
        {{"line", failure.where.line}, {"case", failure.line}, {"expected", failure.expected}, {"got", failure.got}});
  }
  return failures;
}

Json ProblemsJson(const Diagnostics& problems) {
  Json json = Json::array();
  for (const Diagnostic& d : problems) {
    json.push_back({{"severity", d.severity == Severity::kError ? "error" : "warning"},
                    {"file", EscapeBytes(d.error.where.file)},
                    {"line", d.error.where.line},
                    {"column", d.error.where.column},
                    {"message", d.error.message}});
  }
  return json;
}

Json CoverageJson(const std::vector<FileCoverage>& coverage) {
  Json json = Json::array();
  for (const FileCoverage& file : coverage) {
    Json never = Json::array();
    for (const std::string& name : file.never) never.push_back(EscapeBytes(name));
    json.push_back({{"file", EscapeBytes(file.file)},
                    {"included", file.included},
                    {"rules", file.exercised + file.never.size()},
                    {"exercised", file.exercised},
                    {"never", std::move(never)}});
  }
  return json;
}

std::string AsJson(const TestRun& run) {
  Json list = Json::array();
  for (const TestedFile& file : run.files) {
    list.push_back({{"file", EscapeBytes(file.path)},
                    {"policy", EscapeBytes(file.policy)},
                    {"passed", file.result.passed},
                    {"failed", file.result.failures.size()},
                    {"failures", FailuresJson(file.result)},
                    {"problems", ProblemsJson(file.problems)}});
  }
  const Sums sums = SumUp(run.files);
  return ToLine({{"files", std::move(list)},
                 {"passed", sums.passed},
                 {"failed", sums.failed},
                 {"coverage", CoverageJson(run.coverage)}}) +
         "\n";
}

// One line a case, in the order of the file (Test Anything Protocol, version 13).
class Tap {
 public:
  void Add(const TestedFile& file) {
    if (HasErrors(file.problems)) {
      Line("not ok", EscapeBytes(file.path) + " did not run");
      return;
    }
    std::vector<std::pair<std::uint32_t, const CaseFailure*>> cases;
    for (const CasePass& pass : file.result.passes) cases.emplace_back(pass.where.line, nullptr);
    for (const CaseFailure& failure : file.result.failures) cases.emplace_back(failure.where.line, &failure);
    std::ranges::sort(cases);
    for (const auto& [line, failure] : cases) {
      Line(failure == nullptr ? "ok" : "not ok", EscapeBytes(file.path) + ":" + std::to_string(line));
      if (failure != nullptr) {
        text_ +=
            "  # " + failure->line + "\n  # expected: " + failure->expected + "\n  # got:      " + failure->got + "\n";
      }
    }
  }
  void Comment(const std::string& text) { text_ += "# " + text + "\n"; }
  [[nodiscard]] std::string Text() const { return "TAP version 13\n1.." + std::to_string(count_) + "\n" + text_; }

 private:
  void Line(const std::string& result, const std::string& what) {
    text_ += result + " " + std::to_string(++count_) + " - " + what + "\n";
  }
  std::size_t count_ = 0;
  std::string text_;
};

}  // namespace

std::string PrintTests(const TestRun& run, const std::string& format) {
  if (format == "json") return AsJson(run);
  if (format == "text") return AsText(run);
  Tap tap;
  for (const TestedFile& file : run.files) tap.Add(file);
  for (const FileCoverage& file : run.coverage) tap.Comment(CoverageLine(file));
  return tap.Text();
}

}  // namespace heloguard
