//===- AdoptFolded.cpp - Folding's leftovers become nn ops again ----------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Upstream folding makes ops that only scalars should have here: constants of
// `tensor.from_elements` become `arith.constant` of tensors, and an `scf.if` without a
// body becomes `arith.select` on tensors. Groups know nn ops only.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace burin {
#define GEN_PASS_DEF_ADOPTFOLDED
#include "passes/Passes.h.inc"

namespace {
struct AdoptFolded : impl::AdoptFoldedBase<AdoptFolded> {
  void runOnOperation() override {
    SmallVector<Operation *> found;
    getOperation().walk([&](Operation *op) {
      if (isa<arith::ConstantOp, arith::SelectOp>(op) &&
          isa<RankedTensorType>(op->getResult(0).getType()))
        found.push_back(op);
    });
    for (Operation *op : found)
      if (auto constant = dyn_cast<arith::ConstantOp>(op))
        adopt(constant);
      else
        adopt(cast<arith::SelectOp>(op));
  }

  static void adopt(arith::ConstantOp op) {
    auto value = dyn_cast<ElementsAttr>(op.getValue());
    if (!value || failed(nn::Tensor::verifyAttr(value)))
      return;
    OpBuilder b(op);
    Value fresh = b.create<nn::ConstantOp>(op.getLoc(), value);
    if (fresh.getType() != op.getType())
      return fresh.getDefiningOp()->erase();
    op.replaceAllUsesWith(fresh);
    op.erase();
  }

  static void adopt(arith::SelectOp op) {
    // A condition per element is arith's business with tensors only where it is one.
    if (!op.getCondition().getType().isInteger(1))
      return;
    OpBuilder b(op);
    auto type = cast<RankedTensorType>(op.getType());
    auto extract = op.getCondition().getDefiningOp<tensor::ExtractOp>();
    bool isScalar = extract && cast<RankedTensorType>(extract.getTensor().getType()).getRank() == 0;
    Value fresh;
    if (type.hasStaticShape() && isScalar) {
      fresh = OpBuild(b, op.getLoc())
                  .select(extract.getTensor(), op.getTrueValue(), op.getFalseValue());
    } else {
      // Shapes may differ at run time, and values need not be computed for both.
      auto choice = b.create<scf::IfOp>(op.getLoc(), type, op.getCondition(),
                                        /*withElseRegion=*/true);
      choice.getThenBodyBuilder().create<scf::YieldOp>(op.getLoc(), op.getTrueValue());
      choice.getElseBodyBuilder().create<scf::YieldOp>(op.getLoc(), op.getFalseValue());
      fresh = choice.getResult(0);
    }
    op.replaceAllUsesWith(fresh);
    op.erase();
  }
};
} // namespace

} // namespace burin
