//===- OrderCompares.cpp - Vector compares that mind NaN ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/OrderCompares.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace burin {

/// Which elements of `value` are NaN; null where none can be.
static Value *findNans(IRBuilder<> &b, Value *value) {
  if (auto *constant = dyn_cast<Constant>(value))
    if (auto *splat = dyn_cast_or_null<ConstantFP>(constant->getSplatValue());
        splat && !splat->isNaN())
      return nullptr;
  auto *type = cast<VectorType>(value->getType());
  unsigned width = type->getScalarSizeInBits();
  Type *integers = VectorType::get(b.getIntNTy(width), type->getElementCount());
  APInt infinity = APFloat::getInf(type->getElementType()->getFltSemantics()).bitcastToAPInt();
  Value *magnitude = b.CreateAnd(b.CreateBitCast(value, integers),
                                 ConstantInt::get(integers, APInt::getSignedMaxValue(width)));
  return b.CreateICmpUGT(magnitude, ConstantInt::get(integers, infinity));
}

static Value *order(FCmpInst &compare) {
  IRBuilder<> b(&compare);
  Value *x = compare.getOperand(0), *y = compare.getOperand(1);
  Value *nans = findNans(b, x);
  if (Value *others = x == y ? nullptr : findNans(b, y))
    nans = nans ? b.CreateOr(nans, others) : others;
  if (!nans)
    nans = Constant::getNullValue(compare.getType());
  switch (FCmpInst::Predicate predicate = compare.getPredicate()) {
  case FCmpInst::FCMP_UNO:
    return nans;
  case FCmpInst::FCMP_ORD:
    return b.CreateNot(nans);
  case FCmpInst::FCMP_ONE:
    return b.CreateAnd(b.CreateFCmpUNE(x, y), b.CreateNot(nans));
  default:
    return b.CreateOr(b.CreateFCmp(FCmpInst::getOrderedPredicate(predicate), x, y), nans);
  }
}

/// Whether the code generator makes it by inverting another one.
static bool isInverted(const FCmpInst &compare) {
  FCmpInst::Predicate predicate = compare.getPredicate();
  return predicate == FCmpInst::FCMP_ORD || predicate == FCmpInst::FCMP_ONE ||
         (FCmpInst::isUnordered(predicate) && predicate != FCmpInst::FCMP_UNE);
}

void orderCompares(Module &module) {
  for (Function &function : module) {
    SmallVector<FCmpInst *> found;
    for (Instruction &instruction : instructions(function))
      if (auto *compare = dyn_cast<FCmpInst>(&instruction);
          compare && compare->getType()->isVectorTy() && isInverted(*compare))
        found.push_back(compare);
    for (FCmpInst *compare : found) {
      compare->replaceAllUsesWith(order(*compare));
      compare->eraseFromParent();
    }
  }
}

} // namespace burin
