//===- DiagnosticPrinter.h - MLIR's diagnostics as Burin's ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// MLIR's own handler prints file and line and loses the name of the node.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_DRIVER_DIAGNOSTICPRINTER_H
#define BURIN_COMPILER_DRIVER_DIAGNOSTICPRINTER_H

#include "compiler/onnx/Diagnostics.h"

#include "mlir/IR/Diagnostics.h"

namespace burin {

/// While it lives, every diagnostic of the context goes to `diagnostics`, with
/// the node that its location names as subject. Remarks become notes.
class DiagnosticPrinter : public mlir::ScopedDiagnosticHandler {
public:
  DiagnosticPrinter(mlir::MLIRContext *context, Diagnostics &diagnostics);
};

} // namespace burin

#endif // BURIN_COMPILER_DRIVER_DIAGNOSTICPRINTER_H
