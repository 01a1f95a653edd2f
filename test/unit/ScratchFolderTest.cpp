//===- ScratchFolderTest.cpp - What is left after an interruption ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/ScratchFolder.h"

#include "compiler/verify/ProcessPool.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace burin::verify;
namespace fs = llvm::sys::fs;

static ScratchFolder makeScratch(llvm::StringRef prefix, llvm::StringRef parent = "") {
  auto scratch = ScratchFolder::create(prefix, parent);
  REQUIRE(bool(scratch));
  return std::move(*scratch);
}

/// Waits up to ten seconds.
static bool becomes(const std::function<bool()> &condition) {
  for (unsigned i = 0; i < 1000; ++i) {
    if (condition())
      return true;
    usleep(10000);
  }
  return false;
}

/// Not even a zombie that nobody waits for counts as running.
static bool isRunning(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return status >> number >> name >> state && state != "Z";
}

/// Like a suite: a case in a child, in a folder in the suite's, whose emulator is at work.
[[noreturn]] static void actAsSuite(const std::string &parent) {
  for (int signal : {SIGINT, SIGTERM})
    std::signal(signal, SIG_DFL); // Catch's
  ScratchFolder suite = makeScratch("suite", parent);
  PoolOptions options;
  options.timeoutSeconds = 60;
  runInChildren(
      1,
      [&](size_t) {
        ScratchFolder one = makeScratch("case", suite.path());
        runProgram({"/bin/sh", "-c", "touch file; echo $$ > ../../pid; exec sleep 60"}, one.path(),
                   60);
        return std::string();
      },
      [](size_t, const ChildResult &) { return true; }, options);
  _exit(0);
}

TEST_CASE("a scratch folder goes with its object", "[verify]") {
  std::string path;
  {
    ScratchFolder scratch = makeScratch("burin-test");
    path = scratch.path();
    std::ofstream(path + "/file") << "x";
    ScratchFolder moved = std::move(scratch);
    CHECK(scratch.path().empty());
    CHECK(fs::exists(moved.path()));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("an interrupted suite leaves nothing", "[verify]") {
  ScratchFolder parent = makeScratch("burin-test");
  int signal = GENERATE(SIGINT, SIGTERM);
  pid_t suite = forkGuarded();
  if (suite == 0)
    actAsSuite(parent.path());
  int program = 0;
  REQUIRE(becomes([&] { return bool(std::ifstream(parent.path() + "/pid") >> program); }));
  CHECK(isRunning(program));
  kill(suite, signal);
  releaseChild(suite);
  int status = 0;
  waitpid(suite, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == signal);
  CHECK(becomes([&] { return !isRunning(program); }));
  fs::remove(parent.path() + "/pid");
  CHECK_FALSE(fs::remove(parent.path())); // empty, so that it can go
}

TEST_CASE("a program is over when it ends, whoever holds its output", "[verify]") {
  ScratchFolder folder = makeScratch("burin-test");
  auto start = std::chrono::steady_clock::now();
  ChildResult result = runProgram({"/bin/sh", "-c", "sleep 30 & echo $! > pid; echo done; exit 3"},
                                  folder.path(), 20);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(15));
  CHECK(result.explain() == "ended with exit code 3: done");
  int sleeper = 0;
  if (std::ifstream(folder.path() + "/pid") >> sleeper)
    kill(sleeper, SIGKILL);
}
