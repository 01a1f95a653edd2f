//===- ProcessPool.cpp - Jobs that may crash ------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/ProcessPool.h"

#include "compiler/verify/ScratchFolder.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace burin;
using namespace burin::verify;
using Clock = std::chrono::steady_clock;

/// What is kept of a child's stderr, and of its result.
static constexpr size_t kMaxErrors = 16 << 10;
static constexpr size_t kMaxOutput = 64 << 20;
/// Seconds between looks at a child, where the kernel gives no handle (before Linux 5.3).
static constexpr double kWithoutHandle = 0.01;
/// Follows a job's text: without it the child ended before the job did.
static constexpr char kComplete = '\x04';

std::string ChildResult::explain() const {
  // The last line tells the most: an abort's message.
  llvm::StringRef last = llvm::StringRef(errors).rtrim();
  last = last.substr(last.find_last_of('\n') + 1);
  std::string detail = last.empty() ? "" : ": " + last.str();
  switch (end) {
  case End::Returned:
    return "";
  case End::Exited:
    return fmt::format("ended with exit code {}{}", code, detail);
  case End::Killed:
    return fmt::format("crashed ({}){}", strsignal(code), detail);
  case End::TimedOut:
    return fmt::format("took longer than {:.0f} s", seconds);
  }
  return "";
}

namespace {

struct Child {
  size_t job = 0;
  pid_t pid = -1;
  int output = -1, errors = -1; ///< read ends; -1 once closed
  int handle = -1;              ///< readable once the process has ended
  Clock::time_point start;
  bool timedOut = false;
  ChildResult result;

  double age() const { return std::chrono::duration<double>(Clock::now() - start).count(); }
};

} // namespace

static void writeAll(int file, const std::string &text) {
  for (size_t done = 0; done < text.size();) {
    ssize_t count = write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR)
      return;
    done += count > 0 ? static_cast<size_t>(count) : 0;
  }
}

/// What all children have in common.
static void prepareChild(int errors) {
  dup2(errors, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  // Handlers of the parent's would hide how the child ended.
  for (int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGTERM, SIGINT})
    std::signal(signal, SIG_DFL);
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // A group of its own, so that a timeout also ends what it started.
  setpgid(0, 0);
  // It would go on alone where its parent is killed.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

[[noreturn]] static void runChild(size_t index, const std::function<std::string(size_t)> &job,
                                  int output, int errors, const PoolOptions &options) {
  prepareChild(errors);
  if (options.memoryLimit) {
    struct rlimit memory = {options.memoryLimit, options.memoryLimit};
    setrlimit(RLIMIT_AS, &memory);
  }
  writeAll(output, job(index) + kComplete);
  std::fflush(nullptr);
  _exit(0);
}

/// `run` is what the child does with the pipes' write ends; it does not return.
static bool start(Child &child, llvm::function_ref<void(int output, int errors)> run) {
  int output[2], errors[2];
  if (pipe2(output, O_CLOEXEC) != 0)
    return false;
  if (pipe2(errors, O_CLOEXEC) != 0) {
    close(output[0]);
    close(output[1]);
    return false;
  }
  std::fflush(nullptr);
  child.start = Clock::now();
  child.pid = forkGuarded();
  if (child.pid == 0)
    run(output[1], errors[1]);
  int error = errno;
  close(output[1]);
  close(errors[1]);
  child.output = output[0];
  child.errors = errors[0];
  for (int file : {child.output, child.errors})
    fcntl(file, F_SETFL, O_NONBLOCK);
  errno = error;
  if (child.pid < 0)
    return false;
  // Its pipes do not tell when it ends: what it started may go on holding them.
  child.handle = static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0));
  return true;
}

/// Reads what is there; closes at the end. Whether there was something.
static bool drain(int &file, std::string &text, size_t limit, bool keepLast) {
  char buffer[65536];
  ssize_t count = read(file, buffer, sizeof(buffer));
  if (count < 0 && (errno == EINTR || errno == EAGAIN))
    return false;
  if (count <= 0) {
    close(file);
    file = -1;
    return false;
  }
  text.append(buffer, static_cast<size_t>(count));
  if (text.size() > limit)
    keepLast ? text.erase(0, text.size() - limit) : text.erase(limit);
  return true;
}

static bool drainOutput(Child &child) {
  return drain(child.output, child.result.output, kMaxOutput, /*keepLast=*/false);
}
static bool drainErrors(Child &child) {
  return drain(child.errors, child.result.errors, kMaxErrors, /*keepLast=*/true);
}

static bool hasEnded(const Child &child) {
  siginfo_t info = {};
  return waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child.pid;
}

static void finish(Child &child) {
  // A pipe holds 64 KiB or so; whoever still writes into it is not waited for.
  for (unsigned i = 0; i < 64 && child.output >= 0 && drainOutput(child); ++i) {
  }
  for (unsigned i = 0; i < 64 && child.errors >= 0 && drainErrors(child); ++i) {
  }
  for (int file : {child.output, child.errors, child.handle})
    if (file >= 0)
      close(file);
  releaseChild(child.pid);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  ChildResult &result = child.result;
  result.seconds = child.age();
  if (child.timedOut) {
    result.end = ChildResult::End::TimedOut;
  } else if (WIFSIGNALED(status)) {
    result.end = ChildResult::End::Killed;
    result.code = WTERMSIG(status);
  } else if (!result.output.empty() && result.output.back() == kComplete) {
    result.output.pop_back();
  } else {
    result.end = ChildResult::End::Exited;
    result.code = WEXITSTATUS(status);
  }
}

static void waitForSome(std::vector<Child> &children, double timeout) {
  std::vector<pollfd> files;
  double wait = timeout;
  for (Child &child : children) {
    for (int file : {child.output, child.errors, child.handle})
      if (file >= 0)
        files.push_back({file, POLLIN, 0});
    wait = std::min(wait, timeout - child.age());
    if (child.handle < 0)
      wait = std::min(wait, kWithoutHandle);
  }
  poll(files.data(), files.size(), std::max(1, static_cast<int>(wait * 1000)));
  auto ready = [&](int file) {
    for (const pollfd &entry : files)
      if (entry.fd == file)
        return entry.revents != 0;
    return false;
  };
  for (Child &child : children) {
    if (child.output >= 0 && ready(child.output))
      drainOutput(child);
    if (child.errors >= 0 && ready(child.errors))
      drainErrors(child);
    if (!child.timedOut && child.age() > timeout) {
      child.timedOut = true;
      if (kill(-child.pid, SIGKILL) != 0)
        kill(child.pid, SIGKILL);
    }
  }
}

bool verify::runInChildren(size_t count, const std::function<std::string(size_t)> &job,
                           const std::function<bool(size_t, ChildResult)> &done,
                           const PoolOptions &options) {
  std::vector<Child> children;
  size_t next = 0;
  bool goOn = true;
  auto report = [&](Child &child) {
    if (!done(child.job, std::move(child.result)))
      goOn = false;
  };
  while ((goOn && next < count) || !children.empty()) {
    while (goOn && next < count && children.size() < std::max(1u, options.workers)) {
      Child child;
      child.job = next++;
      if (start(child, [&](int output, int errors) {
            runChild(child.job, job, output, errors, options);
          })) {
        children.push_back(std::move(child));
        continue;
      }
      child.result.end = ChildResult::End::Exited;
      child.result.errors = std::strerror(errno);
      report(child);
    }
    if (children.empty())
      continue;
    waitForSome(children, options.timeoutSeconds);
    for (size_t i = 0; i < children.size();) {
      Child &child = children[i];
      if (!child.timedOut && !hasEnded(child)) {
        ++i;
        continue;
      }
      finish(child);
      Child ended = std::move(child);
      children.erase(children.begin() + static_cast<ptrdiff_t>(i));
      report(ended);
    }
  }
  return goOn;
}

ChildResult verify::runProgram(llvm::ArrayRef<std::string> command, const std::string &folder,
                               double timeoutSeconds) {
  std::vector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<Child> children(1);
  Child &child = children.front();
  bool started = start(child, [&](int, int errors) {
    prepareChild(errors);
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    if (chdir(folder.c_str()) == 0)
      execv(arguments.front(), arguments.data());
    std::perror(arguments.front());
    _exit(127);
  });
  if (!started) {
    child.result.end = ChildResult::End::Exited;
    child.result.errors = std::strerror(errno);
    return std::move(child.result);
  }
  while (!child.timedOut && !hasEnded(child))
    waitForSome(children, timeoutSeconds);
  finish(child);
  return std::move(child.result);
}
