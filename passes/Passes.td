//===- Passes.td - All passes on the nn dialect -----------*- tablegen -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A pass has one name in three places: `infer-shapes` here, InferShapes.cpp,
// test/passes/infer-shapes.mlir. Order: that of a compilation.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_PASSES
#define BURIN_PASSES

include "mlir/Pass/PassBase.td"

def TestPrintSymbolicShapes : Pass<"test-print-symbolic-shapes", "::mlir::func::FuncOp"> {
  let summary = "Write what SymbolicShapes knows into attributes (for tests)";
  let description = [{
    Every op with tensor results gets `dims`, a list of texts per result, and
    `contents` where the elements of a small integer tensor are tracked;
    arguments get `test.dims`.
  }];
}

#endif // BURIN_PASSES
