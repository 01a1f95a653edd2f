//===- InterpreterTestSupport.h - Evaluation of IR text ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_INTERPRETERTESTSUPPORT_H
#define BURIN_TEST_UNIT_INTERPRETERTESTSUPPORT_H

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Interpreter.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace burin::test {

/// A context with the dialects that models use.
std::unique_ptr<mlir::MLIRContext> makeContext();

/// "tensor<2xf32> 1 -inf": the type, then the elements (%.6g).
std::string toText(const nn::Tensor &tensor);

/// Evaluates a list of nn ops (module body) one after the other and gives the
/// results of the last one as text, joined by " | "; "error: ..." with the
/// first diagnostic where parsing or evaluation fails.
std::string run(const std::string &ops);

/// Evaluates @main of a module on arguments given as attributes in text form.
std::string runMain(const std::string &module, llvm::ArrayRef<std::string> arguments = {},
                    const nn::EvalLimits &limits = {});

} // namespace burin::test

#endif // BURIN_TEST_UNIT_INTERPRETERTESTSUPPORT_H
