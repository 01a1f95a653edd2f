//===- CanonicalizeMovement.cpp - Transposes to where they vanish ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Transposes sink: below elementwise ops, below a concat of equal ones, below
// reductions (which only rename their axes). Every step moves a transpose
// towards the results, so this ends; on the way it meets its inverse (the
// composition is the ops' own canonicalisation), or a matmul that takes a swap
// of the last two axes as a flag.
//
// Elementwise ops broadcast by themselves, so a broadcast_to in front of one is
// dropped where the result keeps its shape without it.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace burin {
#define GEN_PASS_DEF_CANONICALIZEMOVEMENT
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

using Dims = SmallVector<int64_t>;

static RankedTensorType rankedType(Value value) { return cast<RankedTensorType>(value.getType()); }

static Dims inverse(ArrayRef<int64_t> perm) {
  Dims result(perm.size());
  for (auto [i, axis] : llvm::enumerate(perm))
    result[axis] = i;
  return result;
}

/// The transpose that made the value, if nobody else reads it.
static nn::TransposeOp onlyTranspose(Value value) {
  return value.hasOneUse() ? value.getDefiningOp<nn::TransposeOp>() : nn::TransposeOp();
}

/// A per-tensor scale.
static bool isScalar(Value value) { return !value || rankedType(value).getRank() == 0; }

/// Whether the op treats the elements of operand 0 alike, wherever they are.
static bool isPointwise(Operation *op) {
  if (isa<nn::UnaryOp, nn::CastOp, nn::BitcastOp>(op))
    return true;
  if (auto quantize = dyn_cast<nn::QuantizeOp>(op))
    return isScalar(quantize.getScale()) && isScalar(quantize.getZp());
  if (auto dequantize = dyn_cast<nn::DequantizeOp>(op))
    return isScalar(dequantize.getScale()) && isScalar(dequantize.getZp());
  return false;
}

namespace {

/// f(transpose(x)) = transpose(f(x)) for ops on single elements.
struct SinkBelowPointwise : RewritePattern {
  SinkBelowPointwise(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isPointwise(op))
      return failure();
    nn::TransposeOp transpose = onlyTranspose(op->getOperand(0));
    if (!transpose)
      return failure();
    RankedTensorType type = rankedType(op->getResult(0));
    IRMapping mapping;
    mapping.map(op->getOperand(0), transpose.getX());
    Operation *inner = rewriter.clone(*op, mapping);
    inner->getResult(0).setType(rankedType(transpose.getX()).clone(type.getElementType()));
    rewriter.replaceOpWithNewOp<nn::TransposeOp>(op, type, inner->getResult(0),
                                                 transpose.getPerm());
    return success();
  }
};

/// The same for ops on several operands: each is a transpose of one kind, or a
/// constant that can be permuted at compile time.
struct SinkBelowBroadcasting : RewritePattern {
  SinkBelowBroadcasting(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa<nn::BinaryOp, nn::CompareOp, nn::SelectOp>(op))
      return failure();
    RankedTensorType type = rankedType(op->getResult(0));
    Dims perm;
    for (Value operand : op->getOperands())
      if (auto transpose = operand.getDefiningOp<nn::TransposeOp>();
          transpose && rankedType(operand).getRank() == type.getRank())
        perm = Dims(transpose.getPerm());
    if (perm.empty() || !llvm::all_of(op->getOperands(),
                                      [&](Value operand) { return canPermute(operand, perm, op); }))
      return failure();
    OpBuild b(rewriter, op->getLoc());
    IRMapping mapping;
    for (Value operand : op->getOperands())
      mapping.map(operand, permuted(b, operand, perm));
    Operation *inner = rewriter.clone(*op, mapping);
    Dims dims(type.getRank());
    for (auto [i, axis] : llvm::enumerate(perm))
      dims[axis] = type.getDimSize(i);
    inner->getResult(0).setType(type.clone(dims));
    rewriter.replaceOpWithNewOp<nn::TransposeOp>(op, type, inner->getResult(0), perm);
    return success();
  }

private:
  static bool canPermute(Value operand, ArrayRef<int64_t> perm, Operation *user) {
    RankedTensorType type = rankedType(operand);
    // Weights stay: permuting a big constant would only move the work there.
    if (type.getRank() == 0 || matchPattern(operand, m_Constant()))
      return type.getRank() <= static_cast<int64_t>(perm.size());
    auto transpose = operand.getDefiningOp<nn::TransposeOp>();
    return transpose && transpose.getPerm() == perm &&
           llvm::all_of(operand.getUsers(), [&](Operation *op) { return op == user; });
  }

  static Value permuted(OpBuild &b, Value operand, ArrayRef<int64_t> perm) {
    if (auto transpose = operand.getDefiningOp<nn::TransposeOp>())
      return transpose.getX();
    if (rankedType(operand).getNumElements() == 1 && rankedType(operand).getRank() == 0)
      return operand;
    SmallVector<Extent> dims = b.dims(operand);
    dims.insert(dims.begin(), perm.size() - dims.size(), Extent(1));
    Value full = b.folded(b.reshape(operand, dims));
    return b.folded(b.transpose(full, inverse(perm)));
  }
};

struct SinkBelowConcat : OpRewritePattern<nn::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConcatOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> inner;
    Dims perm;
    for (Value x : op.getXs()) {
      nn::TransposeOp transpose = onlyTranspose(x);
      if (!transpose || (!perm.empty() && ArrayRef(perm) != transpose.getPerm()))
        return failure();
      perm = Dims(transpose.getPerm());
      inner.push_back(transpose.getX());
    }
    auto joined = rewriter.create<nn::ConcatOp>(op.getLoc(), inner, perm[op.getAxis()]);
    rewriter.replaceOpWithNewOp<nn::TransposeOp>(op, op.getType(), joined, perm);
    return success();
  }
};

struct SinkBelowReduce : OpRewritePattern<nn::ReduceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ReduceOp op, PatternRewriter &rewriter) const override {
    nn::TransposeOp transpose = onlyTranspose(op.getX());
    if (!transpose || op.getAxes().empty())
      return failure();
    ArrayRef<int64_t> perm = transpose.getPerm();
    Dims axes, rest;
    for (auto [i, axis] : llvm::enumerate(perm)) {
      bool reduced = llvm::is_contained(op.getAxes(), static_cast<int64_t>(i));
      (reduced ? axes : rest).push_back(axis);
    }
    llvm::sort(axes);
    auto inner = rewriter.create<nn::ReduceOp>(op.getLoc(), op.getFn(), transpose.getX(), axes,
                                               op.getKeepdims());
    if (op.getKeepdims()) {
      rewriter.replaceOpWithNewOp<nn::TransposeOp>(op, op.getType(), inner, Dims(perm));
      return success();
    }
    // Number the axes that are left.
    for (int64_t &axis : rest)
      axis -= llvm::count_if(axes, [&](int64_t gone) { return gone < axis; });
    rewriter.replaceOpWithNewOp<nn::TransposeOp>(op, op.getType(), inner, rest);
    return success();
  }
};

/// A swap of the last two axes in front of a product is a flag.
struct IntoMatMul : OpRewritePattern<nn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MatMulOp op, PatternRewriter &rewriter) const override {
    Value a = swapped(op.getA()), b = swapped(op.getB());
    if (!a && !b)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      if (a) {
        op.getAMutable().assign(a);
        op.setTa(!op.getTa());
      }
      if (b) {
        op.getBMutable().assign(b);
        op.setTb(!op.getTb());
      }
    });
    return success();
  }

  static Value swapped(Value value) {
    auto transpose = value.getDefiningOp<nn::TransposeOp>();
    if (!transpose)
      return nullptr;
    Dims perm(transpose.getPerm());
    std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
    for (auto [i, axis] : llvm::enumerate(perm))
      if (axis != static_cast<int64_t>(i))
        return nullptr;
    return transpose.getX();
  }
};

/// op(broadcast_to(x), y) = op(x, y) where the shape stays.
struct DropBroadcast : RewritePattern {
  DropBroadcast(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa<nn::BinaryOp, nn::CompareOp, nn::SelectOp>(op) ||
        !rankedType(op->getResult(0)).hasStaticShape())
      return failure();
    for (OpOperand &operand : op->getOpOperands()) {
      auto broadcast = operand.get().getDefiningOp<nn::BroadcastToOp>();
      if (!broadcast)
        continue;
      SmallVector<Value> operands(op->getOperands());
      operands[operand.getOperandNumber()] = broadcast.getX();
      SmallVector<Type> types;
      if (failed(cast<InferTypeOpInterface>(op).inferReturnTypes(
              op->getContext(), std::nullopt, operands, op->getDiscardableAttrDictionary(),
              op->getPropertiesStorage(), {}, types)) ||
          types.front() != op->getResult(0).getType())
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(broadcast.getX()); });
      return success();
    }
    return failure();
  }
};

struct CanonicalizeMovement : burin::impl::CanonicalizeMovementBase<CanonicalizeMovement> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SinkBelowPointwise, SinkBelowBroadcasting, SinkBelowConcat, SinkBelowReduce,
                 IntoMatMul, DropBroadcast>(&getContext());
    nn::TransposeOp::getCanonicalizationPatterns(patterns, &getContext());
    nn::ReshapeOp::getCanonicalizationPatterns(patterns, &getContext());
    nn::SliceOp::getCanonicalizationPatterns(patterns, &getContext());
    nn::ConcatOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
