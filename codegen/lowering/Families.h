//===- Families.h - Loop emitters by family of ops --------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Each writes the loops of one op and hands the elements to finish().
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_LOWERING_FAMILIES_H
#define BURIN_CODEGEN_LOWERING_FAMILIES_H

#include "codegen/lowering/GroupEmitter.h"

namespace burin {

void emitReduce(GroupEmitter &g, nn::ReduceOp op);
void emitArgReduce(GroupEmitter &g, nn::ArgReduceOp op);
void emitSoftmax(GroupEmitter &g, nn::SoftmaxOp op);
void emitNormalize(GroupEmitter &g, nn::NormalizeOp op);
void emitMatMul(GroupEmitter &g, nn::MatMulOp op);
void emitConv(GroupEmitter &g, nn::ConvOp op);
void emitPool(GroupEmitter &g, nn::PoolOp op);
void emitCumulate(GroupEmitter &g, nn::CumulateOp op);
void emitScatter(GroupEmitter &g, nn::ScatterOp op);
/// nn.call and nn.top_k: a function of the runtime library.
void emitCall(GroupEmitter &g, mlir::Operation *op);
/// Copies of whole runs; false where single elements serve better.
bool emitConcat(GroupEmitter &g, nn::ConcatOp op);
bool emitPad(GroupEmitter &g, nn::PadOp op);
bool emitGather(GroupEmitter &g, nn::GatherOp op);

mlir::Value reduceAt(GroupEmitter &g, nn::ReduceOp op, IndexRef index);
mlir::Value matMulAt(GroupEmitter &g, nn::MatMulOp op, IndexRef index);
mlir::Value convAt(GroupEmitter &g, nn::ConvOp op, IndexRef index);
mlir::Value resampleAt(GroupEmitter &g, nn::ResampleOp op, IndexRef index);
mlir::Value randomAt(GroupEmitter &g, nn::RandomOp op, IndexRef index);
mlir::Value poolAt(GroupEmitter &g, nn::PoolOp op, IndexRef index);

/// x + y and x * y of accumulators: floats may be reassociated and contracted,
/// so that reductions vectorise.
mlir::Value accumulateAdd(GroupEmitter &g, mlir::Value x, mlir::Value y);
mlir::Value accumulateMul(GroupEmitter &g, mlir::Value x, mlir::Value y);
/// Whether a zero point takes nothing away: it is absent, or a constant of zeros.
bool isZero(mlir::Value zeroPoint);
/// One step of a fold on elements of type `elementType` in compute form, and
/// its first value.
mlir::Value combine(GroupEmitter &g, nn::ReduceFn fn, mlir::Value acc, mlir::Value x,
                    mlir::Type elementType);
mlir::Value identity(GroupEmitter &g, nn::ReduceFn fn, mlir::Type elementType);
/// An index value as number of the compute type.
mlir::Value indexToNumber(GroupEmitter &g, mlir::Value index, mlir::Type type);

} // namespace burin

#endif // BURIN_CODEGEN_LOWERING_FAMILIES_H
