//===- OperatorFamilies.h - What every family adds to the registry -*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_OPERATORFAMILIES_H
#define BURIN_COMPILER_IMPORTER_OPERATORFAMILIES_H

#include "compiler/importer/OpRegistry.h"

namespace burin {

void registerArithmeticOps(OpRegistry &registry);
void registerAttentionOps(OpRegistry &registry);
void registerConvOps(OpRegistry &registry);
void registerCreationOps(OpRegistry &registry);
void registerEinsumOps(OpRegistry &registry);
void registerElementwiseOps(OpRegistry &registry);
void registerGatherOps(OpRegistry &registry);
void registerIfOp(OpRegistry &registry);
void registerLoopOp(OpRegistry &registry);
void registerLossOps(OpRegistry &registry);
void registerMatMulOps(OpRegistry &registry);
void registerMlOps(OpRegistry &registry);
void registerMovementOps(OpRegistry &registry);
void registerNormalizationOps(OpRegistry &registry);
void registerOptimizerOps(OpRegistry &registry);
void registerPadOps(OpRegistry &registry);
void registerPoolOps(OpRegistry &registry);
void registerQLinearOps(OpRegistry &registry);
void registerQuantizeOps(OpRegistry &registry);
void registerRecurrentAttentionOps(OpRegistry &registry);
void registerRecurrentOps(OpRegistry &registry);
void registerReductionOps(OpRegistry &registry);
void registerResizeOps(OpRegistry &registry);
void registerScanOp(OpRegistry &registry);
void registerScatterOps(OpRegistry &registry);
void registerSequenceOps(OpRegistry &registry);
void registerShapeOps(OpRegistry &registry);
void registerSignalOps(OpRegistry &registry);
void registerSoftmaxOps(OpRegistry &registry);
void registerTransformerOps(OpRegistry &registry);
void registerTreeOps(OpRegistry &registry);
void registerVisionOps(OpRegistry &registry);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_OPERATORFAMILIES_H
