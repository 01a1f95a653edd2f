//===- GeneratedInputs.h - Inputs where nobody gave some --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_GENERATEDINPUTS_H
#define BURIN_COMPILER_VERIFY_GENERATEDINPUTS_H

#include "codegen/object/ModelInterface.h"
#include "compiler/onnx/TensorData.h"

#include "llvm/Support/Error.h"

namespace burin::verify {

/// Inputs for `model` that depend on `seed` and on nothing else, the same on every
/// host: floats in [-1, 1), small integers, both values of bools. Each symbol gets a
/// small size within its bounds that changes with the seed.
llvm::Expected<std::vector<onnx::TensorData>> generateInputs(const object::ModelInterface &model,
                                                             uint64_t seed);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_GENERATEDINPUTS_H
