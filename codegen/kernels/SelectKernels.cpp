//===- SelectKernels.cpp - Which groups get a named kernel ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/SelectKernels.h"
#include "codegen/kernels/PackWeights.h"
#include "dialects/kernel/Kernel.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace burin {

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

bool isF32(Value value) { return typeOf(value).getElementType().isF32(); }
bool isByte(Value value) { return typeOf(value).getElementType().isInteger(8); }

/// A constant zero point's values: 0 where there is none.
std::optional<SmallVector<int64_t>> zerosOf(Value zeros) {
  if (!zeros)
    return SmallVector<int64_t>{0};
  return nn::constantInts(zeros);
}

struct Tile {
  int64_t mr, nr, lanes;
};

/// The tile for `columns` outputs; `rows` is 1 where only one row exists.
Tile chooseTile(const Target &target, const RegisterTile &tile, int64_t rows, int64_t columns) {
  int64_t widest = std::max<int64_t>(1, target.vectorBits / 32), lanes = widest;
  while (lanes > 4 && columns <= lanes / 2)
    lanes /= 2;
  int64_t vectors = std::max<int64_t>(1, tile.columns / widest);
  // One row has too few accumulators to hide the latency of an addition.
  if (rows == 1)
    vectors = std::max<int64_t>(vectors, 4);
  // Half-wide vectors beat a half-empty wide one (8x24 in ymm).
  if (lanes == 16 && columns % 16 == 8 && columns < 64) {
    lanes = 8;
    vectors = 3;
  }
  vectors = std::min<int64_t>(vectors, llvm::divideCeil(columns, lanes));
  // A last panel that is nearly empty wastes its time: take a divisor if near.
  int64_t whole = llvm::divideCeil(columns, lanes);
  for (int64_t v = vectors; v >= 1 && v >= vectors - 1; --v)
    if (whole % v == 0) {
      vectors = v;
      break;
    }
  return {rows == 1 ? 1 : static_cast<int64_t>(tile.rows), vectors * lanes, lanes};
}

/// In which parts to add up f32 products, and whether the parts in f64. One sum rounds as
/// often as it has products. Where a row is alone, its errors are often those of whole
/// channels (gates) or of the result, and its loads leave time: it gets shorter parts.
std::pair<int64_t, bool> chooseParts(const Target &target, int64_t rows, const WeightOrder &order) {
  int64_t part = rows == 1 ? 16 : 128, depth = order.rows * order.taps * order.depth;
  if (target.optimizeForSize || depth <= part + part / 2)
    return {0, false};
  return {part, rows == 1 && target.hardDouble};
}

/// The best way to add up runs of `depth` products of bytes in a tile, with the
/// intrinsic for it.
std::pair<kernel::Dot, StringRef> chooseDot(const Target &target, const Tile &tile, int64_t depth) {
  kernel::Dot dot = kernel::Dot::plain;
  int64_t lanes = tile.lanes;
  if (!target.byteDot.blocks.empty() && lanes == 4 && tile.mr > 1 &&
      depth >= kernel::productsPerLane(kernel::Dot::blocks))
    return {kernel::Dot::blocks, target.byteDot.blocks};
  switch (target.byteDot.kind) {
  case ByteDot::none:
    return {dot, ""};
  case ByteDot::pairs:
    dot = kernel::Dot::pairs;
    break;
  case ByteDot::u8s8:
    dot = kernel::Dot::u8s8;
    break;
  case ByteDot::s8s8:
    dot = kernel::Dot::s8s8;
    break;
  case ByteDot::halves:
    dot = kernel::Dot::halves;
    break;
  case ByteDot::across:
    return {dot, ""}; // another tile: acrossFits
  }
  for (const auto &[width, intrinsic] : target.byteDot.intrinsics)
    if (width == lanes)
      return {dot, intrinsic};
  return {kernel::Dot::plain, ""};
}

class Selector {
public:
  Selector(func::FuncOp group, func::CallOp call, const Target &target)
      : group(group), call(call), target(target), builder(group.getContext()) {}

  void run() {
    if (group.getNumResults() != 1)
      return;
    for (Operation &op : group.getBody().front()) {
      if (auto product = dyn_cast<nn::MatMulOp>(op))
        return selectGemm(product);
      if (auto conv = dyn_cast<nn::ConvOp>(op))
        return selectConv(conv);
    }
  }

private:
  /// The constant that the call passes for a weight operand, or null.
  nn::ConstantOp weightsOf(Value operand) {
    auto argument = dyn_cast<BlockArgument>(operand);
    if (!argument || !argument.hasOneUse() || (!isF32(operand) && !isByte(operand)))
      return nullptr;
    return call.getOperand(argument.getArgNumber()).getDefiningOp<nn::ConstantOp>();
  }

  /// Moves what the root does not need behind it, where it joins the epilogue.
  /// False if a producer remains.
  bool moveBehind(Operation *root) {
    for (Value operand : root->getOperands())
      if (Operation *producer = operand.getDefiningOp(); producer && !isa<nn::ConstantOp>(producer))
        return false;
    Operation *last = root;
    for (Operation &op : llvm::make_early_inc_range(
             llvm::make_range(root->getBlock()->begin(), Block::iterator(root))))
      if (!isa<nn::ConstantOp>(op)) {
        op.moveAfter(last);
        last = &op;
      }
    return true;
  }

  /// Every operand of the epilogue must be readable along the last dimension:
  /// an extent is the result's or 1, and known to be so.
  bool epilogueFits(Operation *root) {
    if (!moveBehind(root))
      return false;
    RankedTensorType space = typeOf(root->getResult(0));
    for (Operation *op = root->getNextNode(); !op->hasTrait<OpTrait::IsTerminator>();
         op = op->getNextNode()) {
      if (isa<nn::ConstantOp>(op))
        continue;
      if (op->getNumResults() != 1 || typeOf(op->getResult(0)).getShape() != space.getShape())
        return false;
      // Parameters along an axis are no numpy broadcast.
      if (isa<nn::QuantizeOp, nn::DequantizeOp>(op))
        for (Value parameter : op->getOperands().drop_front())
          if (!typeOf(parameter).hasStaticShape() || typeOf(parameter).getNumElements() != 1)
            return false;
      for (Value operand : op->getOperands()) {
        RankedTensorType type = typeOf(operand);
        if (type.getRank() > space.getRank())
          return false;
        ArrayRef<int64_t> aligned = space.getShape().take_back(type.getRank());
        for (auto [extent, full] : llvm::zip(type.getShape(), aligned))
          if (extent != 1 && extent != full)
            return false;
      }
    }
    return sameDims(root->getResult(0));
  }

  /// Two dynamic extents at one place must carry one name, or an operand might
  /// be broadcast at run time.
  bool sameDims(Value result) {
    SmallVector<std::string> expected = nn::resultDims(group, 0);
    RankedTensorType space = typeOf(result);
    for (BlockArgument argument : group.getArguments()) {
      RankedTensorType type = typeOf(argument);
      if (type.getRank() != space.getRank() || type.getShape() != space.getShape())
        continue;
      SmallVector<std::string> dims = nn::argDims(group, argument.getArgNumber());
      for (int64_t i = 0; i < type.getRank(); ++i)
        if (type.isDynamicDim(i) && dims[i] != expected[i])
          return false;
    }
    return true;
  }

  /// Gives the group packed weights instead of the written ones.
  void replaceWeights(Value operand, ElementsAttr weights) {
    auto argument = cast<BlockArgument>(operand);
    unsigned number = argument.getArgNumber();
    auto constant = call.getOperand(number).getDefiningOp<nn::ConstantOp>();
    builder.setInsertionPoint(constant);
    Value packed = builder.create<nn::ConstantOp>(constant.getLoc(), weights);
    call.setOperand(number, packed);
    if (constant->use_empty())
      constant.erase();
    argument.setType(packed.getType());
    SmallVector<Type> types(group.getArgumentTypes());
    types[number] = packed.getType();
    group.setFunctionType(builder.getFunctionType(types, group.getResultTypes()));
  }

  /// Replaces the root by its kernel op and drops its zero points.
  void replaceRoot(Operation *op, Value result) {
    SmallVector<Operation *> producers;
    for (Value operand : op->getOperands())
      if (auto constant = operand.getDefiningOp<nn::ConstantOp>())
        producers.push_back(constant);
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
    for (Operation *producer : producers)
      if (producer->use_empty())
        producer->erase();
  }

  /// How a product is computed, with its weights packed for it.
  struct Packed {
    Tile tile;
    int64_t zero = 0, part = 0;
    bool inF64 = false;
    kernel::Dot dot = kernel::Dot::plain;
    StringAttr intrinsic;
    ArrayAttr widen;
    nn::Tensor weights;
  };

  /// The zero points of a product: one for x, one or one per column for w.
  bool findZeros(Value x, Value w, Value xZp, Value wZp, int64_t columns) {
    auto left = zerosOf(xZp), right = zerosOf(wZp);
    if (isF32(x) != isF32(w) || isByte(x) != isByte(w) || !left || !right || left->size() != 1 ||
        (right->size() != 1 && static_cast<int64_t>(right->size()) != columns))
      return false;
    xZero = left->front();
    wZeros = std::move(*right);
    return true;
  }

  Packed pack(Value x, const nn::Tensor &weights, const WeightOrder &order, int64_t rows,
              bool joined) {
    Packed result;
    if (isF32(x)) {
      result.tile = chooseTile(target, target.f32Tile, rows, order.columns);
      result.weights = packFloats(weights, order, result.tile.nr);
      std::tie(result.part, result.inF64) = chooseParts(target, rows, order);
      return result;
    }
    result.tile = chooseTile(target, target.i8Tile, rows, order.columns);
    result.zero = xZero;
    IntegerWeights integers(weights, order, wZeros);
    // Runs that fill less than half of a register are better off with columns in lanes.
    int64_t run = joined ? order.taps * order.depth : order.depth;
    int64_t groups = llvm::divideCeil(run, kernel::productsPerLane(kernel::Dot::across));
    if (integers.fitsByte() && target.byteDot.kind == ByteDot::across && run >= 8 * groups) {
      result.dot = kernel::Dot::across;
      result.tile = {rows == 1 ? 1 : 2, std::min<int64_t>(4, order.columns), 1};
    } else if (integers.fitsByte()) {
      auto [dot, intrinsic] = chooseDot(target, result.tile, run);
      result.dot = dot;
      if (!intrinsic.empty())
        result.intrinsic = builder.getStringAttr(intrinsic);
      const ByteDot &bytes = target.byteDot;
      bool isUnsigned = typeOf(x).getElementType().isUnsignedInteger();
      if (dot == kernel::Dot::halves)
        result.widen = builder.getStrArrayAttr(
            {isUnsigned ? bytes.widenUnsigned : bytes.widenSigned, bytes.widenSigned});
    }
    int64_t offset = kernel::leftOffset(result.dot, typeOf(x).getElementType(), xZero);
    result.weights = packIntegers(builder.getContext(), integers, order, result.tile.nr, result.dot,
                                  joined, offset);
    return result;
  }

  void selectGemm(nn::MatMulOp op) {
    nn::ConstantOp weights = weightsOf(op.getB());
    RankedTensorType a = typeOf(op.getA()), b = typeOf(op.getB()), result = typeOf(op.getResult());
    if (!weights || op.getTa() || b.getRank() != 2 || a.isDynamicDim(a.getRank() - 1) ||
        !isa<BlockArgument>(op.getA()) || op.getA() == op.getB() ||
        llvm::is_contained(result.getShape(), 0))
      return;
    int64_t k = a.getShape().back(), n = result.getShape().back();
    if (k == 0 || !findZeros(op.getA(), op.getB(), op.getAZp(), op.getBZp(), n) ||
        !epilogueFits(op))
      return;
    bool oneRow = result.hasStaticShape() && result.getNumElements() == n;
    WeightOrder order{n, op.getTb() ? k : 1, 1, 1, k, op.getTb() ? 1 : n};
    Packed packed =
        pack(op.getA(), nn::Tensor::fromAttr(weights.getValue()), order, oneRow ? 1 : 0, true);
    replaceWeights(op.getB(), packed.weights.toAttr());
    builder.setInsertionPoint(op);
    auto gemm = builder.create<kernel::GemmOp>(
        op.getLoc(), result, op.getA(), op.getB(), n, packed.tile.mr, packed.tile.nr,
        packed.tile.lanes, packed.zero, packed.dot, packed.intrinsic, target.multipliesByLane,
        packed.widen, packed.part, packed.inF64);
    replaceRoot(op, gemm.getResult());
  }

  /// `values` of the one spatial axis as of two: rows come first.
  static SmallVector<int64_t> withRows(ArrayRef<int64_t> values, int64_t row, int64_t rank) {
    SmallVector<int64_t> result(values);
    if (rank == 4)
      return result;
    for (size_t i = 0; i < result.size(); i += 2)
      result.insert(result.begin() + i, row);
    return result;
  }

  void selectConv(nn::ConvOp op) {
    nn::ConstantOp weights = weightsOf(op.getW());
    RankedTensorType x = typeOf(op.getX()), w = typeOf(op.getW()), result = typeOf(op.getResult());
    int64_t rank = x.getRank();
    if (!weights || op.getLayout() != nn::Layout::nhwc || (rank != 3 && rank != 4) ||
        !isa<BlockArgument>(op.getX()) || op.getX() == op.getW() ||
        llvm::is_contained(result.getShape(), 0) ||
        !findZeros(op.getX(), op.getW(), op.getXZp(), op.getWZp(), w.getDimSize(0)) ||
        !epilogueFits(op))
      return;
    for (unsigned i = 1; i < rank; ++i)
      if (x.isDynamicDim(i) || x.getDimSize(i) == 0)
        return;
    SmallVector<int64_t> strides = withRows(op.getStrides(), 1, rank),
                         dilations = withRows(op.getDilations(), 1, rank),
                         pads = withRows(op.getPads(), 0, rank);
    int64_t m = w.getDimSize(0), kh = rank == 4 ? w.getDimSize(1) : 1, kw = w.getDimSize(rank - 2),
            c = w.getShape().back();
    nn::Tensor from = nn::Tensor::fromAttr(weights.getValue());
    auto group = static_cast<int64_t>(op.getGroup());
    WeightOrder order{m, kh * kw * c, kh, kw, c, 1};
    if (group == 1) {
      // Pixels of all rows count where the kernel has one tap.
      int64_t pixels =
          result.getDimSize(rank - 2) * (rank == 4 && kh * kw == 1 ? result.getDimSize(1) : 1);
      bool oneRow = isF32(op.getX()) && pixels == 1 && result.getDimSize(1) == 1;
      Packed packed = pack(op.getX(), from, order, oneRow ? 1 : 0, dilations[1] == 1);
      replaceWeights(op.getW(), packed.weights.toAttr());
      builder.setInsertionPoint(op);
      auto conv = builder.create<kernel::ConvOp>(
          op.getLoc(), result, op.getX(), op.getW(), m, ArrayRef<int64_t>{kh, kw}, strides,
          dilations, pads, std::min(packed.tile.mr, pixels), packed.tile.nr, packed.tile.lanes,
          packed.zero, packed.dot, packed.intrinsic, target.multipliesByLane, packed.widen,
          packed.part, packed.inF64);
      replaceRoot(op, conv.getResult());
      return;
    }
    int64_t channels = x.getShape().back();
    if (group != channels || m != channels || c != 1)
      return; // other groups take the general path
    int64_t lanes = std::max<int64_t>(1, target.vectorBits / 32);
    while (lanes > 4 && channels % lanes != 0 && channels < 2 * lanes)
      lanes /= 2;
    bool inIntegers = false;
    SmallVector<int64_t> shape{kh, kw, channels};
    if (isF32(op.getX())) {
      replaceWeights(op.getW(), transposeFloats(from, channels, shape).toAttr());
    } else {
      IntegerWeights integers(from, order, wZeros);
      inIntegers = lanes == 1 || !integers.sumsFitFloat();
      replaceWeights(op.getW(),
                     transposeIntegers(builder.getContext(), integers, channels, shape).toAttr());
    }
    builder.setInsertionPoint(op);
    auto conv = builder.create<kernel::DepthwiseOp>(op.getLoc(), result, op.getX(), op.getW(),
                                                    strides, dilations, pads, lanes,
                                                    isF32(op.getX()) ? 0 : xZero, inIntegers);
    replaceRoot(op, conv.getResult());
  }

  int64_t xZero = 0;
  SmallVector<int64_t> wZeros;
  func::FuncOp group;
  func::CallOp call;
  const Target &target;
  OpBuilder builder;
};

} // namespace

void selectKernels(ModuleOp module, const Target &target) {
  SmallVector<func::CallOp> calls;
  module.walk([&](func::CallOp call) { calls.push_back(call); });
  SymbolTable symbols(module);
  for (func::CallOp call : calls)
    if (auto group = symbols.lookup<func::FuncOp>(call.getCallee());
        group && group->hasAttr(nn::kGroupAttr) && !group.isExternal())
      Selector(group, call, target).run();
}

} // namespace burin
