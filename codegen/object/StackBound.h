//===- StackBound.h - How much stack a model needs --------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// LLVM records each function's frame in the section `.stack_sizes` of the object (when
// TargetOptions::EmitStackSizeSection is set); the module tells who calls whom. The
// bound is the heaviest chain of calls.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_STACKBOUND_H
#define BURIN_CODEGEN_OBJECT_STACKBOUND_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class Module;
} // namespace llvm

namespace burin::object {

struct StackBound {
  uint64_t bytes = 0;
  std::vector<std::string> chain; ///< functions of the heaviest chain, the entry first
};

/// The stack that a call of `entry` takes, return addresses included; functions
/// outside of the object (memcpy and its like) are not. Nothing when it has no bound
/// that is known: recursion, calls through pointers, frames of dynamic size, or an
/// object without `.stack_sizes`. `module` is the module after optimisation that
/// `object` was made of. Nothing for other files than ELF; fails when `object` is none at all.
llvm::Expected<std::optional<StackBound>> stackBound(const llvm::Module &module,
                                                     llvm::StringRef object, llvm::StringRef entry);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_STACKBOUND_H
