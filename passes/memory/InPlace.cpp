//===- InPlace.cpp - Which operand a group may overwrite ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "passes/memory/InPlace.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/SymbolicShapes.h"

using namespace mlir;

namespace burin {

namespace {

class InPlaceAnalysis {
public:
  explicit InPlaceAnalysis(func::FuncOp group) : group(group), shapes(group, context) {}

  SmallVector<nn::InPlacePair> run() {
    SmallVector<nn::InPlacePair> pairs;
    // With more results, one might be read after another is stored.
    auto terminator = cast<func::ReturnOp>(group.getBody().front().getTerminator());
    if (terminator.getNumOperands() != 1)
      return pairs;
    returned = terminator.getOperand(0);
    Type storage = storageOf(returned);
    for (BlockArgument argument : group.getArguments())
      if (!argument.use_empty() && storageOf(argument) == storage && sameShape(argument) &&
          readAtOwnIndex(argument))
        pairs.push_back({argument.getArgNumber(), 0});
    return pairs;
  }

private:
  static Type storageOf(Value value) {
    return nn::storageType(cast<RankedTensorType>(value.getType()).getElementType());
  }

  bool sameShape(Value value) {
    ArrayRef<nn::DimExpr> own = shapes.dims(value), full = shapes.dims(returned);
    return own.size() == full.size() && own == full;
  }

  /// Whether every path from the value to the return stays at one index.
  bool readAtOwnIndex(Value value) {
    if (auto it = known.find(value); it != known.end())
      return it->second;
    bool result = sameShape(value) && llvm::all_of(value.getUses(), [&](OpOperand &use) {
                    Operation *user = use.getOwner();
                    return isa<func::ReturnOp>(user) ||
                           (keepsIndex(use) && readAtOwnIndex(user->getResult(0)));
                  });
    known[value] = result;
    return result;
  }

  /// Whether the user's element depends on this operand's element of the same
  /// index only, or stores it after the last read of the others.
  static bool keepsIndex(OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<nn::UnaryOp, nn::BinaryOp, nn::CompareOp, nn::SelectOp, nn::CastOp>(user))
      return true;
    // Their other operands are parameters along an axis.
    if (isa<nn::QuantizeOp, nn::DequantizeOp, nn::RequantizeOp>(user))
      return use.getOperandNumber() == 0;
    // Whole rows are read, so the row must be in memory and have no other reader.
    return isa<nn::SoftmaxOp, nn::NormalizeOp>(user) && isa<BlockArgument>(use.get()) &&
           use.get().hasOneUse();
  }

  func::FuncOp group;
  nn::DimContext context;
  nn::SymbolicShapes shapes;
  Value returned;
  llvm::DenseMap<Value, bool> known;
};

} // namespace

void markInPlace(func::FuncOp group) {
  nn::setPairs(group, nn::kInPlaceAttr, InPlaceAnalysis(group).run());
}

} // namespace burin
