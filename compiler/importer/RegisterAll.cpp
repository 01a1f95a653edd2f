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
  registerAttentionOps(registry);
  registerConvOps(registry);
  registerCreationOps(registry);
  registerEinsumOps(registry);
  registerElementwiseOps(registry);
  registerGatherOps(registry);
  registerIfOp(registry);
  registerLoopOp(registry);
  registerLossOps(registry);
  registerMatMulOps(registry);
  registerMlOps(registry);
  registerMovementOps(registry);
  registerNormalizationOps(registry);
  registerOptimizerOps(registry);
  registerPadOps(registry);
  registerPoolOps(registry);
  registerQLinearOps(registry);
  registerQuantizeOps(registry);
  registerRecurrentAttentionOps(registry);
  registerRecurrentOps(registry);
  registerReductionOps(registry);
  registerResizeOps(registry);
  registerScanOp(registry);
  registerScatterOps(registry);
  registerSequenceOps(registry);
  registerShapeOps(registry);
  registerSignalOps(registry);
  registerSoftmaxOps(registry);
  registerTransformerOps(registry);
  registerTreeOps(registry);
  registerVisionOps(registry);
  return registry;
}
