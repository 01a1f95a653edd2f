//===- Suite.cpp - Folders of test cases ----------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Suite.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

#include <chrono>
#include <fmt/format.h>
#include <fnmatch.h>

using namespace burin;
using namespace burin::verify;
using namespace llvm;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

static std::string modelIn(StringRef folder) {
  SmallString<128> model(folder);
  path::append(model, "model.onnx");
  return fs::exists(model) ? model.str().str() : "";
}

static bool matches(StringRef name, ArrayRef<std::string> filters) {
  return filters.empty() || any_of(filters, [&](const std::string &filter) {
           return fnmatch(filter.c_str(), name.str().c_str(), 0) == 0;
         });
}

std::vector<std::string> verify::findCases(const std::string &root, ArrayRef<std::string> filters) {
  std::vector<std::string> found;
  auto consider = [&](StringRef folder) {
    if (modelIn(folder).empty())
      return false;
    if (matches(path::filename(folder), filters))
      found.push_back(folder.str());
    return true;
  };
  StringRef trimmed = StringRef(root).rtrim('/');
  if (consider(trimmed.empty() ? StringRef(root) : trimmed))
    return found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error))
    if (it->type() == fs::file_type::directory_file || fs::is_directory(it->path()))
      if (consider(it->path()))
        it.no_push();
  llvm::sort(found);
  return found;
}

//===----------------------------------------------------------------------===//
// Results across processes
//===----------------------------------------------------------------------===//

std::string verify::encodeResult(const CaseResult &result) {
  return fmt::format("{}\n{}", outcomeName(result.outcome).str(), result.message);
}

CaseResult verify::decodeResult(const ChildResult &child) {
  CaseResult result;
  result.seconds = child.seconds;
  if (child.end == ChildResult::End::TimedOut) {
    result.outcome = Outcome::TimedOut;
    result.message = child.explain();
    return result;
  }
  auto [name, message] = StringRef(child.output).split('\n');
  std::optional<Outcome> outcome = parseOutcome(name);
  if (child.end != ChildResult::End::Returned || !outcome) {
    result.outcome = Outcome::Crashed;
    result.message = child.explain();
    return result;
  }
  result.outcome = *outcome;
  result.message = message.str();
  return result;
}

//===----------------------------------------------------------------------===//
// The run
//===----------------------------------------------------------------------===//

static Verdict judge(const SuiteCase &test, const ExpectedFailures &expected) {
  const ExpectedFailures::Entry *entry = expected.find(test.name);
  if (test.result.outcome == Outcome::Passed)
    return entry ? Verdict::PassedUnexpectedly : Verdict::Passed;
  // A case that used to be refused and now gives wrong numbers is no expected failure.
  return entry && entry->outcome == test.result.outcome ? Verdict::Skipped : Verdict::Failed;
}

unsigned SuiteResult::count(Verdict verdict) const {
  return static_cast<unsigned>(
      count_if(cases, [&](const SuiteCase &test) { return test.verdict == verdict; }));
}

static void logCase(raw_ostream &log, const SuiteCase &test) {
  if (test.verdict == Verdict::Failed)
    log << "FAIL " << test.name << ": " << outcomeName(test.result.outcome) << ": "
        << test.result.message << '\n';
  else if (test.verdict == Verdict::PassedUnexpectedly)
    log << "PASS " << test.name << ": passes now, remove it from the list\n";
}

SuiteResult verify::runSuite(ArrayRef<std::string> folders, const SuiteOptions &options,
                             const std::function<CaseResult(const std::string &)> &verifyCase) {
  SuiteResult suite;
  for (const std::string &folder : folders)
    suite.cases.push_back({path::filename(folder).str(), modelIn(folder), {}, Verdict::Passed});
  unsigned done = 0, failed = 0;
  runInChildren(
      suite.cases.size(),
      [&](size_t index) { return encodeResult(verifyCase(suite.cases[index].path)); },
      [&](size_t index, const ChildResult &child) {
        SuiteCase &test = suite.cases[index];
        test.result = decodeResult(child);
        test.verdict = judge(test, options.expected);
        ++done;
        failed += test.verdict == Verdict::Failed;
        if (options.progress)
          *options.progress << "\r\033[K";
        if (options.log)
          logCase(*options.log, test);
        if (options.progress) {
          *options.progress << fmt::format("[{}/{}] {} failed  {}", done, suite.cases.size(),
                                           failed, test.name);
          options.progress->flush();
        }
        return true;
      },
      options.pool);
  if (options.progress)
    *options.progress << "\r\033[K";
  return suite;
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

/// The part of a message that many cases share: without the model, the node's name and
/// numbers.
static std::string reasonOf(const CaseResult &result) {
  StringRef text = result.message;
  if (size_t at = text.find("error: "); at != StringRef::npos)
    text = text.drop_front(at + 7);
  std::string reason = (outcomeName(result.outcome) + ": ").str();
  if (result.outcome == Outcome::Mismatch)
    return reason + "wrong result";
  return reason + text.take_until([](char c) { return c == '\n'; }).str();
}

static void printReasons(raw_ostream &out, const SuiteResult &result, Verdict verdict,
                         StringRef title) {
  std::map<std::string, std::pair<unsigned, std::string>> reasons;
  for (const SuiteCase &test : result.cases) {
    if (test.verdict != verdict)
      continue;
    auto &[count, example] = reasons[reasonOf(test.result)];
    if (count++ == 0)
      example = test.name;
  }
  if (reasons.empty())
    return;
  std::vector<std::pair<unsigned, std::string>> sorted;
  for (auto &[reason, entry] : reasons)
    sorted.emplace_back(entry.first, fmt::format("{} ({})", reason, entry.second));
  llvm::stable_sort(sorted, [](const auto &a, const auto &b) { return a.first > b.first; });
  out << title << " by reason (an example in parentheses):\n";
  for (const auto &[count, text] : sorted)
    out << fmt::format("{:6}  {}\n", count, text);
}

void verify::printSummary(raw_ostream &out, const SuiteResult &result) {
  printReasons(out, result, Verdict::Skipped, "skipped");
  printReasons(out, result, Verdict::Failed, "failed");
  if (unsigned count = result.count(Verdict::PassedUnexpectedly)) {
    out << count << " on the list of expected failures pass, remove them from it:\n";
    for (const SuiteCase &test : result.cases)
      if (test.verdict == Verdict::PassedUnexpectedly)
        out << "        " << test.name << '\n';
  }
  out << fmt::format("{} passed, {} failed, {} skipped\n",
                     result.count(Verdict::Passed) + result.count(Verdict::PassedUnexpectedly),
                     result.count(Verdict::Failed), result.count(Verdict::Skipped));
}

/// Text for XML 1.0: markup escaped, characters that it does not know left out.
static std::string xml(StringRef text) {
  std::string result;
  for (char c : json::fixUTF8(text)) {
    switch (c) {
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '&':
      result += "&amp;";
      break;
    case '"':
      result += "&quot;";
      break;
    default:
      if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
        result += c;
    }
  }
  return result;
}

void verify::writeJUnit(raw_ostream &out, const SuiteResult &result) {
  double seconds = 0;
  for (const SuiteCase &test : result.cases)
    seconds += test.result.seconds;
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out << fmt::format("<testsuite name=\"burin verify\" tests=\"{}\" failures=\"{}\" "
                     "skipped=\"{}\" time=\"{:.3f}\">\n",
                     result.cases.size(), result.count(Verdict::Failed),
                     result.count(Verdict::Skipped), seconds);
  for (const SuiteCase &test : result.cases) {
    out << fmt::format("  <testcase name=\"{}\" time=\"{:.3f}\"", xml(test.name),
                       test.result.seconds);
    std::string kind = outcomeName(test.result.outcome).str();
    if (test.verdict == Verdict::Failed)
      out << fmt::format("><failure type=\"{}\" message=\"{}\"/></testcase>\n", kind,
                         xml(test.result.message));
    else if (test.verdict == Verdict::Skipped)
      out << fmt::format("><skipped message=\"{}: {}\"/></testcase>\n", kind,
                         xml(test.result.message));
    else
      out << "/>\n";
  }
  out << "</testsuite>\n";
}

void verify::writeSuiteJson(raw_ostream &out, const SuiteResult &result) {
  static constexpr StringLiteral kVerdicts[] = {"passed", "passed unexpectedly", "failed",
                                                "skipped"};
  json::OStream json(out, 2);
  json.object([&] {
    json.attribute("passed",
                   result.count(Verdict::Passed) + result.count(Verdict::PassedUnexpectedly));
    json.attribute("failed", result.count(Verdict::Failed));
    json.attribute("skipped", result.count(Verdict::Skipped));
    json.attributeArray("cases", [&] {
      for (const SuiteCase &test : result.cases)
        json.object([&] {
          json.attribute("name", json::fixUTF8(test.name));
          json.attribute("verdict", kVerdicts[static_cast<size_t>(test.verdict)]);
          json.attribute("outcome", outcomeName(test.result.outcome));
          if (!test.result.message.empty())
            json.attribute("message", json::fixUTF8(test.result.message));
          json.attribute("seconds", test.result.seconds);
        });
    });
  });
  out << '\n';
}
