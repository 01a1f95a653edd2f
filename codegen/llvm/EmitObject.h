//===- EmitObject.h - LLVM IR to an object file -----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LLVM_EMITOBJECT_H
#define BURIN_CODEGEN_LLVM_EMITOBJECT_H

#include "targets/Target.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <string>
#include <vector>

namespace burin {

enum class EmitKind { Object, Assembly, LLVMIR };

struct EmitOptions {
  unsigned optLevel = 3; ///< 0 to 3
  EmitKind kind = EmitKind::Object;
  /// burin_rt.bc of the target; empty: the installed or built one.
  std::string runtimeBitcode;
  /// Sees the module as it goes to the backend.
  std::function<void(const llvm::Module &)> beforeBackend;
};

/// Links what the module needs of the runtime library into it (internal, and
/// compiled for the target's CPU), optimises and emits. The module is consumed.
/// The object refers to nothing but its own weights and memcpy, memset, memmove.
llvm::Expected<llvm::SmallVector<char, 0>> emitModule(llvm::Module &module, const Target &target,
                                                      const EmitOptions &options = {});

/// What is installed with the running executable as bin/../lib/burin/<name>.
std::string findInstalled(llvm::StringRef name);
/// The runtime library's bitcode for the target.
std::string findRuntimeBitcode(const Target &target);

/// Names of the undefined symbols of an object file, sorted.
llvm::Expected<std::vector<std::string>> undefinedSymbols(llvm::ArrayRef<char> object);

} // namespace burin

#endif // BURIN_CODEGEN_LLVM_EMITOBJECT_H
