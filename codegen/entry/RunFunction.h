//===- RunFunction.h - The exported functions of a model --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_ENTRY_RUNFUNCTION_H
#define BURIN_CODEGEN_ENTRY_RUNFUNCTION_H

#include "codegen/entry/LowerEntry.h"
#include "codegen/object/ModelInterface.h"

#include "llvm/IR/Module.h"

namespace burin {

/// Adds the functions that the generated header declares (the contract stands in
/// ModelInterface.h) to the translated module: `<model>_run`, which checks what
/// the caller gave before anything is computed, and for dynamic models
/// `<model>_arena_bytes` and `<model>_<output>_shape`. Everything else in the
/// module becomes internal, constants of the weights object become hidden.
///
/// With `gpuModel` (codegen/gpu/HostLaunch.h) the entry takes a context, and there are
/// `<model>_gpu_create`, `_run` and `_destroy` too.
void emitRunFunctions(llvm::Module &module, const object::ModelInterface &model,
                      const LoweredEntry &entry, llvm::GlobalVariable *gpuModel = nullptr);

} // namespace burin

#endif // BURIN_CODEGEN_ENTRY_RUNFUNCTION_H
