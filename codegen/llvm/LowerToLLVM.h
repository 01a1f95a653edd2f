//===- LowerToLLVM.h - Loops on buffers to LLVM IR --------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LLVM_LOWERTOLLVM_H
#define BURIN_CODEGEN_LLVM_LOWERTOLLVM_H

#include "targets/Target.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include <memory>

namespace burin {

/// Appends the passes that turn scf, arith, math, memref, vector, cf and func
/// ops into the LLVM dialect. Memrefs become bare pointers: only identity
/// layouts may cross functions. Ops of the LLVM dialect may be there already.
void buildLowerToLLVM(mlir::OpPassManager &passes, unsigned indexBits);

/// Runs buildLowerToLLVM on the module and translates it. Groups (`nn.group`)
/// become internal functions that are not inlined. Null after a diagnostic.
std::unique_ptr<llvm::Module> translateToLLVM(mlir::ModuleOp module, llvm::LLVMContext &context,
                                              const Target &target);

/// Dialects whose ops these functions create, and the translations to LLVM IR.
void registerLLVMLowering(mlir::DialectRegistry &registry);

} // namespace burin

#endif // BURIN_CODEGEN_LLVM_LOWERTOLLVM_H
