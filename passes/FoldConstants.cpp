//===- FoldConstants.cpp - Evaluate what is known at compile time ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The interpreter evaluates every pure nn op whose operands are constants;
// control flow with known conditions is inlined; the ops' canonicalisations
// run along, because each enables the other.
//
// A broadcast of a constant stays one where it is big, because whoever reads it
// elementwise needs no copy. Weights are another matter: their readers want them in
// memory, where an arena would hold them and every run would fill them again.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/interpreter/Interpreter.h"
#include "passes/Passes.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace burin {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

/// About how many products the interpreter would add up for a result.
static double macs(Operation *op) {
  auto size = [&](unsigned i) {
    auto type = cast<RankedTensorType>(op->getOperand(i).getType());
    return type.hasStaticShape() ? static_cast<double>(type.getNumElements()) : 0.0;
  };
  if (auto product = dyn_cast<nn::MatMulOp>(op)) {
    ArrayRef<int64_t> b = cast<RankedTensorType>(product.getB().getType()).getShape();
    int64_t inner = b[b.size() - (product.getTb() ? 1 : 2)];
    return size(0) * size(1) / std::max<double>(inner, 1);
  }
  if (auto conv = dyn_cast<nn::ConvOp>(op)) {
    ArrayRef<int64_t> x = cast<RankedTensorType>(conv.getX().getType()).getShape();
    int64_t channels = conv.getLayout() == nn::Layout::nchw ? x[1] : x.back();
    return size(0) * size(1) / std::max<double>(channels, 1);
  }
  return 0;
}

namespace {

/// Replaces an op on constants by its value.
struct EvaluateOp : RewritePattern {
  EvaluateOp(MLIRContext *context, int64_t maxElements, bool dequantize)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/2, context), maxElements(maxElements),
        dequantize(dequantize) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<nn::NNDialect>(op->getDialect()) || op->getNumResults() == 0 ||
        op->hasTrait<OpTrait::ConstantLike>())
      return failure();
    // Quantised weights stay as they are: passes behind compute on them.
    if (!dequantize && isa<nn::DequantizeOp>(op))
      return failure();
    if (macs(op) > kMaxMacs)
      return failure();
    int64_t limit =
        isa<nn::BroadcastToOp>(op) ? std::min<int64_t>(maxElements, kMaxBroadcast) : maxElements;
    // What does not grow may be folded at any size.
    int64_t given = 0;
    for (Type type : op->getOperandTypes()) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      given += tensor && tensor.hasStaticShape() ? tensor.getNumElements() : 0;
    }
    FailureOr<SmallVector<ElementsAttr>> values = nn::foldOp(op, std::max(limit, given));
    if (failed(values))
      return failure();
    SmallVector<Value> constants;
    for (auto [value, result] : llvm::zip(*values, op->getResults())) {
      Value constant = rewriter.create<nn::ConstantOp>(op->getLoc(), value);
      if (constant.getType() != result.getType())
        constant = rewriter.create<tensor::CastOp>(op->getLoc(), result.getType(), constant);
      constants.push_back(constant);
    }
    rewriter.replaceOp(op, constants);
    return success();
  }

  /// A broadcast is free in whatever reads it, so only small ones are worth a constant.
  static constexpr int64_t kMaxBroadcast = 1 << 16;
  /// A few seconds of the interpreter; the model can do it better.
  static constexpr double kMaxMacs = 1e9;
  int64_t maxElements;
  bool dequantize;
};

/// A cast only forgets what a constant knows; users that do not care read the
/// constant itself.
struct SkipCastOfConstant : RewritePattern {
  SkipCastOfConstant(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<nn::NNDialect>(op->getDialect()))
      return failure();
    bool changed = false;
    for (OpOperand &operand : op->getOpOperands()) {
      auto cast = operand.get().getDefiningOp<tensor::CastOp>();
      if (!cast || !matchPattern(cast.getSource(), m_Constant()))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(cast.getSource()); });
      changed = true;
    }
    return success(changed);
  }
};

/// A check that holds is nothing.
struct DropTrueCheck : OpRewritePattern<nn::CheckOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::CheckOp op, PatternRewriter &rewriter) const override {
    DenseElementsAttr condition;
    if (!matchPattern(op.getCondition(), m_Constant(&condition)) || !condition.isSplat() ||
        !condition.getSplatValue<bool>())
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

/// Makes constants of broadcasts that are weights, equal ones only once.
class WeightFolder {
public:
  explicit WeightFolder(func::FuncOp function) : function(function) {}
  void run();

private:
  static bool isWeight(OpOperand &use);
  void fold(nn::BroadcastToOp op);

  /// What all of them may take together: more than the weights of the networks that
  /// have such, less than a small file should make a compiler allocate.
  static constexpr int64_t kMaxBytes = int64_t(640) << 20;

  func::FuncOp function;
  int64_t bytesLeft = kMaxBytes;
  /// By source and type of the result; looked up only, never walked.
  llvm::DenseMap<std::pair<Attribute, Type>, Value> known;
};

bool WeightFolder::isWeight(OpOperand &use) {
  Operation *user = use.getOwner();
  unsigned i = use.getOperandNumber();
  if (isa<nn::ConvOp, nn::ConvTransposeOp, nn::MatMulOp>(user))
    return i == 1;
  if (isa<nn::RnnOp>(user))
    return i == 1 || i == 2;
  return isa<nn::GatherOp>(user) && i == 0;
}

void WeightFolder::fold(nn::BroadcastToOp op) {
  ElementsAttr source;
  auto type = cast<RankedTensorType>(op.getType());
  if (!matchPattern(op.getX(), m_Constant(&source)) || !type.hasStaticShape() ||
      llvm::none_of(op->getUses(), isWeight))
    return;
  Value &constant = known[{source, type}];
  if (!constant) {
    int64_t bytes = type.getNumElements() * nn::elementBytes(type.getElementType());
    if (bytes > bytesLeft)
      return;
    FailureOr<SmallVector<ElementsAttr>> values = nn::foldOp(op, type.getNumElements());
    if (failed(values) || values->front().getType() != type)
      return;
    bytesLeft -= bytes;
    OpBuilder b(op.getContext());
    b.setInsertionPointToStart(&function.getBody().front());
    constant = b.create<nn::ConstantOp>(op.getLoc(), values->front());
  }
  // Readers that are no products go on without a copy.
  op.getResult().replaceUsesWithIf(constant, isWeight);
}

void WeightFolder::run() {
  SmallVector<nn::BroadcastToOp> broadcasts;
  function.walk([&](nn::BroadcastToOp op) { broadcasts.push_back(op); });
  for (nn::BroadcastToOp op : broadcasts)
    fold(op);
  for (nn::BroadcastToOp op : broadcasts)
    if (op.use_empty())
      op.erase();
}

struct FoldConstants : burin::impl::FoldConstantsBase<FoldConstants> {
  using FoldConstantsBase::FoldConstantsBase;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<EvaluateOp>(context, maxElements, dequantize);
    set.add<SkipCastOfConstant, DropTrueCheck>(context);
    for (RegisteredOperationName name : context->getRegisteredOperations()) {
      StringRef dialect = name.getDialectNamespace();
      if (dialect == "nn" || dialect == "scf" || dialect == "tensor" || dialect == "arith")
        name.getCanonicalizationPatterns(set, context);
    }
    patterns = FrozenRewritePatternSet(std::move(set));
    return success();
  }

  void runOnOperation() override {
    GreedyRewriteConfig config;
    config.useTopDownTraversal = true;
    config.maxIterations = GreedyRewriteConfig::kNoLimit;
    (void)applyPatternsAndFoldGreedily(getOperation(), patterns, config);
    if (!getOperation().isExternal())
      WeightFolder(getOperation()).run();
  }

  FrozenRewritePatternSet patterns;
};

} // namespace
