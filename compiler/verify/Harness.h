//===- Harness.h - The program around a library -----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_HARNESS_H
#define BURIN_COMPILER_VERIFY_HARNESS_H

#include "targets/Target.h"

#include "llvm/Support/Error.h"

namespace burin::verify {

/// The tools and objects that a target's Runner names, as they are on this machine.
class Harness {
public:
  /// Fails where the target has no runner, or a tool or the harness is not installed.
  static llvm::Expected<Harness> find(const Target &target);

  /// Links `library` (an archive or objects with the model `name`) with the harness to
  /// `program`; makes files of its own in `folder`.
  llvm::Error link(llvm::StringRef name, llvm::ArrayRef<std::string> library,
                   const std::string &folder, const std::string &program) const;
  /// What to execute: a path and its arguments.
  std::vector<std::string> command(const std::string &program) const;

private:
  explicit Harness(const Target &target) : target(target) {}
  std::string filled(llvm::StringRef argument, llvm::StringRef program) const;

  const Target &target;
  std::string folder, linker, emulator;
  std::vector<std::string> objects;
};

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_HARNESS_H
