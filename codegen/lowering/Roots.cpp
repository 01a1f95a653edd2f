//===- Roots.cpp - Which ops write loops of their own ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/Families.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace burin {

bool isRoot(Operation *op) {
  return isa<nn::ReduceOp, nn::ArgReduceOp, nn::SoftmaxOp, nn::NormalizeOp, nn::MatMulOp,
             nn::ConvOp, nn::PoolOp, nn::CumulateOp, nn::ScatterOp, nn::TopKOp, nn::CallOp,
             nn::ConcatOp, nn::PadOp, nn::GatherOp>(op);
}

bool emitRoot(GroupEmitter &g, Operation *op) {
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](nn::ReduceOp root) { return emitReduce(g, root), true; })
      .Case([&](nn::ArgReduceOp root) { return emitArgReduce(g, root), true; })
      .Case([&](nn::SoftmaxOp root) { return emitSoftmax(g, root), true; })
      .Case([&](nn::NormalizeOp root) { return emitNormalize(g, root), true; })
      .Case([&](nn::MatMulOp root) { return emitMatMul(g, root), true; })
      .Case([&](nn::ConvOp root) { return emitConv(g, root), true; })
      .Case([&](nn::PoolOp root) { return emitPool(g, root), true; })
      .Case([&](nn::CumulateOp root) { return emitCumulate(g, root), true; })
      .Case([&](nn::ScatterOp root) { return emitScatter(g, root), true; })
      .Case<nn::TopKOp, nn::CallOp>([&](auto root) { return emitCall(g, root), true; })
      .Case([&](nn::ConcatOp root) { return emitConcat(g, root); })
      .Case([&](nn::PadOp root) { return emitPad(g, root); })
      .Case([&](nn::GatherOp root) { return emitGather(g, root); })
      .Default([](Operation *) { return false; });
}

Value foldedAt(GroupEmitter &g, Operation *op, IndexRef index) {
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](nn::ReduceOp fold) { return reduceAt(g, fold, index); })
      .Case([&](nn::MatMulOp fold) { return matMulAt(g, fold, index); })
      .Case([&](nn::ConvOp fold) { return convAt(g, fold, index); })
      .Case([&](nn::PoolOp fold) { return poolAt(g, fold, index); })
      .Case([&](nn::ResampleOp fold) { return resampleAt(g, fold, index); })
      .Case([&](nn::RandomOp random) { return randomAt(g, random, index); })
      .Default([](Operation *) { return Value(); });
}

} // namespace burin
