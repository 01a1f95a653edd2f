//===- SuiteTest.cpp - Suites, their list, their children -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/Suite.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <unistd.h>

using namespace burin::verify;
namespace fs = llvm::sys::fs;

namespace {

/// A folder that goes with the test.
struct TempFolder {
  TempFolder() { (void)fs::createUniqueDirectory("burin-suite", path); }
  ~TempFolder() { (void)fs::remove_directories(path); }
  std::string add(llvm::StringRef name) const {
    std::string folder = (path + "/" + name).str();
    (void)fs::create_directories(folder);
    std::error_code error;
    llvm::raw_fd_ostream(folder + "/model.onnx", error) << "x";
    return folder;
  }
  llvm::SmallString<128> path;
};

} // namespace

static std::string summary(const SuiteResult &result) {
  std::string text;
  llvm::raw_string_ostream out(text);
  printSummary(out, result);
  return text;
}

static std::vector<std::string> lines(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> parts;
  text.rtrim().split(parts, '\n');
  return {parts.begin(), parts.end()};
}

/// Ends as the case's folder is named.
static CaseResult act(const std::string &model) {
  llvm::StringRef path = model;
  if (path.contains("crash"))
    std::raise(SIGSEGV);
  if (path.contains("abort")) {
    std::fputs("LLVM ERROR: out of everything\n", stderr);
    std::abort();
  }
  if (path.contains("exit"))
    _exit(3);
  if (path.contains("slow"))
    sleep(100);
  if (path.contains("wrong"))
    return {Outcome::Mismatch, "output \"y\": 1 of 1 elements differ", 0};
  if (path.contains("unsupported"))
    return {Outcome::Unsupported,
            "model.onnx: node \"n1\" (Foo): error: operator Foo is not supported", 0};
  return {};
}

TEST_CASE("children give their text back whatever its size", "[verify]") {
  size_t done = 0;
  PoolOptions options;
  options.workers = 2;
  runInChildren(
      5, [](size_t i) { return std::string(i * 100000, static_cast<char>('a' + i)); },
      [&](size_t i, const ChildResult &child) {
        CHECK(child.end == ChildResult::End::Returned);
        CHECK(child.output == std::string(i * 100000, static_cast<char>('a' + i)));
        ++done;
        return true;
      },
      options);
  CHECK(done == 5);
}

TEST_CASE("a suite survives its cases", "[verify]") {
  TempFolder root;
  for (llvm::StringRef name :
       {"test_ok", "test_crash", "sub/test_abort", "test_exit", "test_slow", "test_wrong",
        "test_unsupported", "test_unsupported_listed", "test_wrong_listed", "test_ok_listed"})
    root.add(name);
  SuiteOptions options;
  options.pool.workers = 2;
  options.pool.timeoutSeconds = 0.5;
  for (llvm::StringRef name : {"test_unsupported_listed", "test_wrong_listed", "test_ok_listed"})
    options.expected.set(name, {Outcome::Unsupported, "operator Foo"});
  std::string logged;
  llvm::raw_string_ostream log(logged);
  options.log = &log;
  std::vector<std::string> folders = findCases(root.path.str().str(), {});
  REQUIRE(folders.size() == 10);
  SuiteResult result = runSuite(folders, options, act);

  auto find = [&](llvm::StringRef name) -> const SuiteCase & {
    return *llvm::find_if(result.cases, [&](const SuiteCase &test) { return test.name == name; });
  };
  CHECK(find("test_ok").verdict == Verdict::Passed);
  CHECK(find("test_crash").result.outcome == Outcome::Crashed);
  CHECK(find("test_crash").result.message == "crashed (Segmentation fault)");
  CHECK(find("test_abort").result.message == "crashed (Aborted): LLVM ERROR: out of everything");
  CHECK(find("test_exit").result.message == "ended with exit code 3");
  CHECK(find("test_slow").result.outcome == Outcome::TimedOut);
  CHECK(find("test_wrong").verdict == Verdict::Failed);
  CHECK(find("test_unsupported").verdict == Verdict::Failed);
  CHECK(find("test_unsupported_listed").verdict == Verdict::Skipped);
  // Listed as unsupported, but gives wrong numbers.
  CHECK(find("test_wrong_listed").verdict == Verdict::Failed);
  CHECK(find("test_ok_listed").verdict == Verdict::PassedUnexpectedly);

  CHECK(lines(summary(result)).back() == "2 passed, 7 failed, 1 skipped");
  CHECK(logged.find("PASS test_ok_listed: passes now, remove it from the list") !=
        std::string::npos);
  CHECK(logged.find("FAIL test_wrong: mismatch: output \"y\": 1 of 1 elements differ") !=
        std::string::npos);

  std::string junit;
  llvm::raw_string_ostream out(junit);
  writeJUnit(out, result);
  CHECK(junit.find("tests=\"10\" failures=\"7\" skipped=\"1\"") != std::string::npos);
  CHECK(junit.find("message=\"output &quot;y&quot;: 1 of 1") != std::string::npos);
}

TEST_CASE("filters are shell patterns on the case's name", "[verify]") {
  TempFolder root;
  for (llvm::StringRef name : {"test_add", "test_add_bcast", "test_sub"})
    root.add(name);
  std::string path = root.path.str().str();
  CHECK(findCases(path, {}).size() == 3);
  CHECK(findCases(path, {"test_add*"}).size() == 2);
  CHECK(findCases(path, {"test_add", "*_sub"}).size() == 2);
  CHECK(findCases(path + "/test_add/", {}).size() == 1);
  CHECK(findCases(path + "/missing", {}).empty());
}

TEST_CASE("the list is read and written, sorted", "[verify]") {
  TempFolder root;
  std::string path = (root.path + "/list.json").str();
  ExpectedFailures list;
  list.set("b", {Outcome::Unsupported, "operator Foo"});
  list.set("a", {Outcome::Mismatch, "rounds \"differently\": see issue"});
  REQUIRE(llvm::toString(list.write(path)) == "");
  auto text = llvm::MemoryBuffer::getFile(path);
  CHECK((*text)->getBuffer() == "{\n  \"a\": \"mismatch: rounds \\\"differently\\\": see issue\",\n"
                                "  \"b\": \"unsupported: operator Foo\"\n}\n");
  auto again = ExpectedFailures::read(path);
  REQUIRE(bool(again));
  CHECK(again->find("a")->reason == "rounds \"differently\": see issue");
  CHECK(again->find("c") == nullptr);

  for (llvm::StringRef bad : {"[1]", "{", "{\"a\": \"passed: no\"}", "{\"a\": 3}"}) {
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << bad;
    auto broken = ExpectedFailures::read(path);
    CHECK_FALSE(bool(broken));
    llvm::consumeError(broken.takeError());
  }
}
