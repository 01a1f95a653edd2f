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

#endif // BURIN_PASSES
