//===- NarrowIndex.cpp - Indices of fewer than 64 bits --------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Trip counts, positions and extents of a model are i64. arith.index_cast to a
// narrower index would drop bits, so that 2^32 became element 0.
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/NarrowIndex.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace burin {

namespace {

struct NarrowIndexPass : PassWrapper<NarrowIndexPass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(NarrowIndexPass)
  explicit NarrowIndexPass(unsigned indexBits)
      : indexBits(indexBits), most(APInt::getSignedMaxValue(indexBits).getSExtValue()),
        least(APInt::getSignedMinValue(indexBits).getSExtValue()) {}
  StringRef getArgument() const override { return "burin-narrow-index"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect>();
  }

  void runOnOperation() override {
    getOperation()->walk([&](Operation *op) {
      if (auto cast = dyn_cast<arith::IndexCastOp>(op))
        narrow(cast, /*isSigned=*/true);
      else if (auto cast = dyn_cast<arith::IndexCastUIOp>(op))
        narrow(cast, /*isSigned=*/false);
      else if (auto constant = dyn_cast<arith::ConstantIndexOp>(op))
        constant.setValueAttr(
            IntegerAttr::get(constant.getType(), std::clamp(constant.value(), least, most)));
    });
  }

  /// Bits that hold every value; those of the operand of an extension.
  static unsigned bitsOf(Value value, bool isSigned) {
    Operation *op = value.getDefiningOp();
    if (isa_and_nonnull<arith::ExtUIOp>(op)) // one more as a signed number
      return getElementTypeOrSelf(op->getOperand(0)).getIntOrFloatBitWidth() + isSigned;
    if (isSigned && isa_and_nonnull<arith::ExtSIOp>(op))
      return getElementTypeOrSelf(op->getOperand(0)).getIntOrFloatBitWidth();
    return getElementTypeOrSelf(value).getIntOrFloatBitWidth();
  }

  template <typename CastOp> void narrow(CastOp cast, bool isSigned) {
    Value value = cast.getIn();
    if (getElementTypeOrSelf(value).isIndex() ||
        bitsOf(value, isSigned) <= (isSigned ? indexBits : indexBits - 1))
      return;
    OpBuilder b(cast);
    Location loc = cast.getLoc();
    Type type = value.getType();
    auto bound = [&](int64_t limit) -> Value {
      IntegerAttr element = IntegerAttr::get(getElementTypeOrSelf(type), limit);
      if (auto shaped = dyn_cast<ShapedType>(type))
        return b.create<arith::ConstantOp>(loc, SplatElementsAttr::get(shaped, element));
      return b.create<arith::ConstantOp>(loc, element);
    };
    if (isSigned) {
      value = b.createOrFold<arith::MaxSIOp>(loc, value, bound(least));
      value = b.createOrFold<arith::MinSIOp>(loc, value, bound(most));
    } else {
      value = b.createOrFold<arith::MinUIOp>(loc, value, bound(most));
    }
    cast.getInMutable().assign(value);
  }

  unsigned indexBits;
  int64_t most, least;
};

} // namespace

std::unique_ptr<Pass> createNarrowIndexPass(unsigned indexBits) {
  return std::make_unique<NarrowIndexPass>(indexBits);
}

} // namespace burin
