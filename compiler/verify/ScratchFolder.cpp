//===- ScratchFolder.cpp - Files that go with the process -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The handler calls only what POSIX lets handlers call, and getdents64: opendir takes
// memory.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/ScratchFolder.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace burin;
using namespace burin::verify;
namespace fs = llvm::sys::fs;

namespace {

struct GuardedFolder {
  std::atomic<bool> used;
  char path[512];
};

} // namespace

/// What does not fit is not guarded, only.
static std::array<GuardedFolder, 64> guardedFolders;
static std::array<std::atomic<pid_t>, 1024> guardedChildren;
static_assert(std::atomic<pid_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);
static bool hasHandlers = false;

static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

//===----------------------------------------------------------------------===//
// The handler
//===----------------------------------------------------------------------===//

/// Like the kernel's struct linux_dirent64.
struct DirectoryEntry {
  uint64_t inode, next;
  uint16_t size;
  uint8_t type;
  char name[];
};

static bool removeTree(int parent, const char *name, unsigned depth) {
  int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder >= 0 && depth > 0) {
    alignas(DirectoryEntry) char buffer[2048];
    long bytes = 0;
    while ((bytes = syscall(SYS_getdents64, folder, buffer, sizeof(buffer))) > 0)
      for (long at = 0; at < bytes;) {
        auto *entry = reinterpret_cast<DirectoryEntry *>(buffer + at);
        at += entry->size;
        if (std::strcmp(entry->name, ".") == 0 || std::strcmp(entry->name, "..") == 0)
          continue;
        if (unlinkat(folder, entry->name, 0) != 0)
          removeTree(folder, entry->name, depth - 1);
      }
  }
  if (folder >= 0)
    close(folder);
  return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

static void endProcess(int signal) {
  for (std::atomic<pid_t> &entry : guardedChildren)
    if (pid_t child = entry) {
      kill(-child, SIGKILL);
      kill(child, SIGKILL);
    }
  for (std::atomic<pid_t> &entry : guardedChildren)
    if (pid_t child = entry)
      waitpid(child, nullptr, 0);
  for (GuardedFolder &folder : guardedFolders) {
    // What children had started ends a moment after them, and may make one more file.
    constexpr timespec moment = {0, 5'000'000};
    for (unsigned tries = 0; folder.used && tries < 20; ++tries) {
      if (removeTree(AT_FDCWD, folder.path, 4))
        break;
      nanosleep(&moment, nullptr);
    }
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

static sigset_t endingSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : kSignals)
    sigaddset(&set, signal);
  return set;
}

static void installHandlers() {
  if (hasHandlers)
    return;
  hasHandlers = true;
  for (int signal : kSignals) {
    struct sigaction old = {}, action = {};
    action.sa_handler = endProcess;
    action.sa_mask = endingSignals();
    // Who ignores a signal, as nohup does, shall go on doing so.
    if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_DFL)
      sigaction(signal, &action, nullptr);
  }
}

//===----------------------------------------------------------------------===//
// Folders
//===----------------------------------------------------------------------===//

static int guardFolder(const std::string &path) {
  installHandlers();
  for (size_t i = 0; i < guardedFolders.size(); ++i) {
    GuardedFolder &slot = guardedFolders[i];
    if (slot.used || path.size() >= sizeof(slot.path))
      continue;
    std::memcpy(slot.path, path.c_str(), path.size() + 1);
    slot.used = true;
    return static_cast<int>(i);
  }
  return -1;
}

llvm::Expected<ScratchFolder> ScratchFolder::create(llvm::StringRef prefix,
                                                    llvm::StringRef parent) {
  llvm::SmallString<128> name(parent), path;
  if (name.empty())
    llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, name);
  llvm::sys::path::append(name, prefix);
  if (std::error_code error = fs::createUniqueDirectory(name, path))
    return llvm::createStringError(error, "cannot make a temporary folder: " + error.message());
  ScratchFolder scratch;
  scratch.folder = path.str().str();
  scratch.slot = guardFolder(scratch.folder);
  return scratch;
}

ScratchFolder::~ScratchFolder() {
  if (!folder.empty())
    (void)fs::remove_directories(folder);
  if (slot >= 0)
    guardedFolders[static_cast<size_t>(slot)].used = false;
}

void ScratchFolder::swap(ScratchFolder &other) noexcept {
  std::swap(folder, other.folder);
  std::swap(slot, other.slot);
}

//===----------------------------------------------------------------------===//
// Children
//===----------------------------------------------------------------------===//

/// In a child: all that the tables hold is the parent's.
static void forgetInherited() {
  for (int signal : kSignals) {
    struct sigaction current = {};
    if (sigaction(signal, nullptr, &current) == 0 && current.sa_handler == endProcess)
      std::signal(signal, SIG_DFL);
  }
  hasHandlers = false;
  for (GuardedFolder &folder : guardedFolders)
    folder.used = false;
  for (std::atomic<pid_t> &child : guardedChildren)
    child = 0;
}

pid_t verify::forkGuarded() {
  installHandlers();
  // No signal may come before the child's number is known.
  sigset_t ending = endingSignals(), before;
  sigprocmask(SIG_BLOCK, &ending, &before);
  pid_t child = fork();
  if (child == 0)
    forgetInherited();
  if (child > 0)
    for (std::atomic<pid_t> &slot : guardedChildren) {
      pid_t none = 0;
      if (slot.compare_exchange_strong(none, child))
        break;
    }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return child;
}

void verify::releaseChild(pid_t child) {
  for (std::atomic<pid_t> &slot : guardedChildren) {
    pid_t expected = child;
    if (slot.compare_exchange_strong(expected, 0))
      break;
  }
}
