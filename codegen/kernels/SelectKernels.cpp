//===- SelectKernels.cpp - Which groups get a named kernel ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/SelectKernels.h"
#include "dialects/kernel/Kernel.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cstring>

using namespace mlir;

namespace burin {

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

bool isF32(Value value) { return typeOf(value).getElementType().isF32(); }
bool isByte(Value value) { return typeOf(value).getElementType().isInteger(8); }

/// The zero points of a product of bytes, where x's is one number and the
/// weights have none: x's zero point. 0 for floats.
std::optional<int64_t> zeroPoint(Value x, Value w, Value xZp, Value wZp) {
  if (isF32(x) && isF32(w))
    return xZp || wZp ? std::nullopt : std::optional<int64_t>(0);
  if (!isByte(x) || !isByte(w))
    return std::nullopt;
  if (wZp) {
    auto zeros = nn::constantInts(wZp);
    ElementsAttr attr;
    if (!matchPattern(wZp, m_Constant(&attr)) || !zeros ||
        !llvm::all_of(*zeros, [](int64_t zero) { return zero == 0; }))
      return std::nullopt;
  }
  if (!xZp)
    return 0;
  auto zero = nn::constantInts(xZp);
  return zero && zero->size() == 1 ? std::optional<int64_t>(zero->front()) : std::nullopt;
}

struct Tile {
  int64_t mr, nr, lanes;
};

/// The tile for `columns` outputs; `rows` is 1 where only one row exists.
Tile chooseTile(const Target &target, int64_t rows, int64_t columns) {
  int64_t lanes = target.vectorBits / 32;
  // Half-wide vectors beat a half-empty wide one (8x24 in ymm).
  if (lanes == 16 && columns % 16 == 8 && columns < 64)
    lanes = 8;
  int64_t vectors = target.f32Tile.columns / (target.vectorBits / 32);
  // One row has too few accumulators to hide the latency of an addition.
  if (rows == 1)
    vectors = std::max<int64_t>(vectors, 4);
  if (lanes == 8 && target.vectorBits == 512)
    vectors = 3;
  vectors = std::min<int64_t>(vectors, llvm::divideCeil(columns, lanes));
  // A last panel that is nearly empty wastes its time: take a divisor if near.
  int64_t whole = llvm::divideCeil(columns, lanes);
  for (int64_t v = vectors; v >= 1 && v >= vectors - 1; --v)
    if (whole % v == 0) {
      vectors = v;
      break;
    }
  return {rows == 1 ? 1 : static_cast<int64_t>(target.f32Tile.rows), vectors * lanes, lanes};
}

/// Copies elements to an f32 tensor of another shape; `source` tells the element
/// for each position of the result, or -1 for zero.
template <typename Source>
ElementsAttr packed(const nn::Tensor &from, ArrayRef<int64_t> shape, Source source) {
  MLIRContext *context = from.elementType().getContext();
  nn::Tensor result(Float32Type::get(context), shape);
  bool floats = from.elementType().isF32();
  const float *in = from.as<float>();
  float *out = result.mutableAs<float>();
  for (int64_t i = 0, e = result.size(); i < e; ++i)
    if (int64_t at = source(i); at >= 0)
      out[i] = floats ? in[at] : static_cast<float>(from.intAt(at));
  return result.toAttr();
}

/// Whether f32 holds every partial sum of products with these integer weights:
/// per output the magnitudes times 255 stay below 2^24. `outputOf` tells the
/// output that an element belongs to.
template <typename OutputOf>
bool sumsAreExact(const nn::Tensor &weights, int64_t outputs, OutputOf outputOf) {
  SmallVector<int64_t> sums(outputs, 0);
  for (int64_t i = 0, e = weights.size(); i < e; ++i)
    sums[outputOf(i)] += std::abs(weights.intAt(i)) * 255;
  return llvm::all_of(sums, [](int64_t sum) { return sum < (int64_t(1) << 24); });
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

  /// Every operand of the epilogue must be readable along the last dimension:
  /// an extent is the result's or 1, and known to be so.
  bool epilogueFits(Operation *root) {
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
    // Ops before the root would be producers.
    for (Operation &op : group.getBody().front()) {
      if (&op == root)
        break;
      if (!isa<nn::ConstantOp>(op))
        return false;
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

  void selectGemm(nn::MatMulOp op) {
    nn::ConstantOp weights = weightsOf(op.getB());
    RankedTensorType a = typeOf(op.getA()), b = typeOf(op.getB()), result = typeOf(op.getResult());
    std::optional<int64_t> zero = zeroPoint(op.getA(), op.getB(), op.getAZp(), op.getBZp());
    if (!weights || !zero || op.getTa() || b.getRank() != 2 || a.isDynamicDim(a.getRank() - 1) ||
        !isa<BlockArgument>(op.getA()) || op.getA() == op.getB() || result.getNumElements() == 0 ||
        !epilogueFits(op))
      return;
    int64_t k = a.getShape().back(), n = result.getShape().back();
    if (k == 0)
      return;
    bool oneRow = result.hasStaticShape() && result.getNumElements() == n;
    Tile tile = chooseTile(target, oneRow ? 1 : 0, n);
    bool tb = op.getTb();
    ElementsAttr data =
        packed(nn::Tensor::fromAttr(weights.getValue()),
               {static_cast<int64_t>(llvm::divideCeil(n, tile.nr)), k, tile.nr}, [&](int64_t i) {
                 int64_t column = i / (k * tile.nr) * tile.nr + i % tile.nr, row = i / tile.nr % k;
                 return column >= n ? -1 : tb ? column * k + row : row * n + column;
               });
    replaceWeights(op.getB(), data);
    builder.setInsertionPoint(op);
    auto gemm = builder.create<kernel::GemmOp>(op.getLoc(), result, op.getA(), op.getB(), n,
                                               tile.mr, tile.nr, tile.lanes, *zero);
    op.replaceAllUsesWith(gemm.getResult());
    op.erase();
  }

  void selectConv(nn::ConvOp op) {
    nn::ConstantOp weights = weightsOf(op.getW());
    RankedTensorType x = typeOf(op.getX()), w = typeOf(op.getW()), result = typeOf(op.getResult());
    std::optional<int64_t> zero = zeroPoint(op.getX(), op.getW(), op.getXZp(), op.getWZp());
    if (!weights || !zero || op.getLayout() != nn::Layout::nhwc || x.getRank() != 4 ||
        !isa<BlockArgument>(op.getX()) || op.getX() == op.getW() || result.getNumElements() == 0 ||
        !epilogueFits(op))
      return;
    for (unsigned i = 1; i < 4; ++i)
      if (x.isDynamicDim(i) || x.getDimSize(i) == 0)
        return;
    int64_t m = w.getDimSize(0), kh = w.getDimSize(1), kw = w.getDimSize(2), c = w.getDimSize(3);
    nn::Tensor from = nn::Tensor::fromAttr(weights.getValue());
    if (isByte(op.getX()) && !sumsAreExact(from, m, [&](int64_t i) { return i / (kh * kw * c); }))
      return;
    builder.setInsertionPoint(op);
    if (op.getGroup() == 1) {
      int64_t pixels = result.getDimSize(2);
      Tile tile = chooseTile(target, 0, m);
      tile.mr = std::min(tile.mr, pixels);
      ElementsAttr data =
          packed(from, {static_cast<int64_t>(llvm::divideCeil(m, tile.nr)), kh, kw, c, tile.nr},
                 [&](int64_t i) {
                   int64_t taps = kh * kw * c,
                           channel = i / (taps * tile.nr) * tile.nr + i % tile.nr;
                   return channel >= m ? -1 : channel * taps + i / tile.nr % taps;
                 });
      replaceWeights(op.getW(), data);
      builder.setInsertionPoint(op);
      auto conv = builder.create<kernel::ConvOp>(
          op.getLoc(), result, op.getX(), op.getW(), m, op.getStridesAttr(), op.getDilationsAttr(),
          op.getPadsAttr(), tile.mr, tile.nr, tile.lanes, *zero);
      op.replaceAllUsesWith(conv.getResult());
      op.erase();
      return;
    }
    int64_t channels = x.getDimSize(3);
    if (static_cast<int64_t>(op.getGroup()) != channels || m != channels || c != 1)
      return; // other groups take the general path
    ElementsAttr data = packed(from, {kh, kw, channels},
                               [&](int64_t i) { return i % channels * (kh * kw) + i / channels; });
    replaceWeights(op.getW(), data);
    builder.setInsertionPoint(op);
    int64_t lanes = target.vectorBits / 32;
    while (lanes > 4 && channels % lanes != 0 && channels < 2 * lanes)
      lanes /= 2;
    auto conv = builder.create<kernel::DepthwiseOp>(op.getLoc(), result, op.getX(), op.getW(),
                                                    op.getStridesAttr(), op.getDilationsAttr(),
                                                    op.getPadsAttr(), lanes, *zero);
    op.replaceAllUsesWith(conv.getResult());
    op.erase();
  }

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
