//===- ScratchFolder.h - Files that go with the process ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_SCRATCHFOLDER_H
#define BURIN_COMPILER_VERIFY_SCRATCHFOLDER_H

#include "llvm/Support/Error.h"

#include <string>
#include <sys/types.h>

namespace burin::verify {

/// A folder that goes with this object, and also when SIGINT, SIGTERM or SIGHUP ends the
/// process.
class ScratchFolder {
public:
  /// Named `prefix` and random letters, in `parent` or, where that is empty, in the
  /// system's folder for temporary files. Fails where it cannot be made.
  static llvm::Expected<ScratchFolder> create(llvm::StringRef prefix, llvm::StringRef parent = "");

  ScratchFolder() = default;
  ScratchFolder(ScratchFolder &&other) noexcept { swap(other); }
  ScratchFolder &operator=(ScratchFolder &&other) noexcept {
    swap(other);
    return *this;
  }
  ~ScratchFolder();

  /// Empty without a folder.
  const std::string &path() const { return folder; }

private:
  void swap(ScratchFolder &other) noexcept;

  std::string folder;
  int slot = -1;
};

/// Forks a child that is killed, with the group of processes that it may lead, before
/// those signals end this process. In the child they do what they do by default, and
/// this process's folders are not its own.
pid_t forkGuarded();
/// To be called before waitpid gives the number free.
void releaseChild(pid_t child);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_SCRATCHFOLDER_H
