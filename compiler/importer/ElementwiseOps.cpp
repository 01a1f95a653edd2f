//===- ElementwiseOps.cpp - Functions of single elements ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/NodeBinder.h"

using namespace mlir;
using namespace burin;

namespace burin {
void registerElementwiseOps(OpRegistry &registry);
} // namespace burin

/// Functions of one argument without parameters.
static LogicalResult importUnary(NodeBinder &n) {
  n.setResult(0, n.unary(static_cast<nn::UnaryFn>(n.variant()), n.operand(0)));
  return success();
}

void burin::registerElementwiseOps(OpRegistry &registry) {
  registry.add("Abs", 1, 1, importUnary, int64_t(nn::UnaryFn::abs));
}
