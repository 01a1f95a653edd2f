//===- RegisterAll.cpp - The list of operator families --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A family is a file with one function that adds its operators, declared in
// OperatorFamilies.h and called here.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"

burin::OpRegistry burin::makeOpRegistry() {
  OpRegistry registry;
  registerArithmeticOps(registry);
  registerCreationOps(registry);
  registerElementwiseOps(registry);
  registerGatherOps(registry);
  registerIfOp(registry);
  registerLoopOp(registry);
  registerMovementOps(registry);
  registerPadOps(registry);
  registerReductionOps(registry);
  registerScanOp(registry);
  registerScatterOps(registry);
  registerShapeOps(registry);
  registerSoftmaxOps(registry);
  return registry;
}
