//===- Reduce.cpp - Folds over axes ---------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/Cooperation.h"
#include "codegen/lowering/Families.h"

using namespace mlir;

namespace burin {

using nn::ReduceFn;
using FPred = arith::CmpFPredicate;
using IPred = arith::CmpIPredicate;

static arith::FastMathFlagsAttr loose(GroupEmitter &g) {
  return arith::FastMathFlagsAttr::get(g.b.getContext(), arith::FastMathFlags::reassoc |
                                                             arith::FastMathFlags::contract);
}

Value accumulateAdd(GroupEmitter &g, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return g.b.create<arith::AddFOp>(g.loc, x, y, loose(g));
  return g.b.createOrFold<arith::AddIOp>(g.loc, x, y);
}

Value accumulateMul(GroupEmitter &g, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return g.b.create<arith::MulFOp>(g.loc, x, y, loose(g));
  return g.b.createOrFold<arith::MulIOp>(g.loc, x, y);
}

bool isZero(Value zeroPoint) {
  if (!zeroPoint)
    return true;
  auto constant = zeroPoint.getDefiningOp<nn::ConstantOp>();
  if (!constant)
    return false;
  nn::Tensor tensor = nn::Tensor::fromAttr(constant.getValue());
  return llvm::all_of(llvm::seq<int64_t>(0, tensor.size()),
                      [&](int64_t i) { return tensor.intAt(i) == 0; });
}

Value combine(GroupEmitter &g, ReduceFn fn, Value acc, Value x, Type type) {
  bool isFloat = isa<FloatType>(x.getType());
  bool inHardware = x.getType().isF64() ? g.options.doubleExtrema : g.options.hardFloat;
  switch (fn) {
  case ReduceFn::sum:
  case ReduceFn::mean:
    return accumulateAdd(g, acc, x);
  case ReduceFn::prod:
    return accumulateMul(g, acc, x);
  case ReduceFn::min:
    // NaN propagates; the vectoriser knows this reduction. LLVM has no call for it.
    if (isFloat && inHardware)
      return g.b.create<arith::MinimumFOp>(g.loc, acc, x);
    return g.scalars.binary(nn::BinaryFn::min, acc, x, type);
  case ReduceFn::max:
    if (isFloat && inHardware)
      return g.b.create<arith::MaximumFOp>(g.loc, acc, x);
    return g.scalars.binary(nn::BinaryFn::max, acc, x, type);
  }
  return acc;
}

Value identity(GroupEmitter &g, ReduceFn fn, Type type) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  switch (fn) {
  case ReduceFn::sum:
  case ReduceFn::mean:
    return g.scalars.constant(type, 0);
  case ReduceFn::prod:
    return g.scalars.constant(type, 1);
  case ReduceFn::min:
    return g.scalars.constant(type, kInf);
  case ReduceFn::max:
    return g.scalars.constant(type, -kInf);
  }
  return {};
}

Value indexToNumber(GroupEmitter &g, Value index, Type type) {
  Type wide = g.b.getI64Type();
  Value number = g.b.createOrFold<arith::IndexCastOp>(g.loc, wide, index);
  return g.scalars.cast(number, wide, type);
}

namespace {
/// How the input's dims split into kept and folded ones.
struct Axes {
  Axes(GroupEmitter &g, nn::ReduceOp op) : keepdims(op.getKeepdims()) {
    for (auto [i, extent] : llvm::enumerate(g.shape(op.getX()))) {
      bool isFolded = llvm::is_contained(op.getAxes(), static_cast<int64_t>(i));
      folds.push_back(isFolded);
      if (isFolded)
        foldedExtents.push_back(extent);
    }
  }
  Index inputIndex(IndexRef output, IndexRef folded) const {
    Index index;
    size_t out = 0, in = 0;
    for (bool isFolded : folds) {
      index.push_back(isFolded ? folded[in++] : output[out]);
      out += !isFolded || keepdims;
    }
    return index;
  }
  bool keepdims;
  SmallVector<bool> folds;
  Index foldedExtents;
};
} // namespace

/// What follows the fold: the mean's division, and rounding to the type.
static Value closeReduce(GroupEmitter &g, nn::ReduceOp op, const Axes &axes, Value acc) {
  Type type = g.elementType(op.getX());
  if (op.getFn() == ReduceFn::mean) {
    Value count = indexToNumber(g, g.product(axes.foldedExtents), type);
    acc = isa<FloatType>(acc.getType()) ? Value(g.b.create<arith::DivFOp>(g.loc, acc, count))
                                        : g.scalars.binary(nn::BinaryFn::div, acc, count, type);
  }
  return g.scalars.round(acc, type);
}

Value reduceAt(GroupEmitter &g, nn::ReduceOp op, IndexRef index) {
  Axes axes(g, op);
  Type type = g.elementType(op.getX());
  Value acc = g.fold(axes.foldedExtents, identity(g, op.getFn(), type),
                     [&](IndexRef folded, ValueRange carried) -> SmallVector<Value> {
                       Value x = g.at(op.getX(), axes.inputIndex(index, folded));
                       return {combine(g, op.getFn(), carried[0], x, type)};
                     })[0];
  return closeReduce(g, op, axes, acc);
}

/// In a kernel, a block per element of the result.
static void emitReduceTogether(GroupEmitter &g, nn::ReduceOp op, const Axes &axes) {
  Value result = op.getResult();
  Type type = g.elementType(op.getX());
  Index output(g.shape(result));
  Value init = identity(g, op.getFn(), type);
  Value scratch = sharedArray(g, g.options.blockThreads, init.getType());
  Value first = g.b.create<arith::CmpIOp>(g.loc, IPred::eq, g.lane(), g.idx(0));
  g.eachOfBlock(g.product(output), [&](Value number) {
    Index index = g.delinearize(number, output);
    Value acc = foldTogether(
        g, axes.foldedExtents, init, scratch,
        [&](IndexRef folded, Value acc) {
          return combine(g, op.getFn(), acc, g.at(op.getX(), axes.inputIndex(index, folded)), type);
        },
        [&](Value x, Value y) { return combine(g, op.getFn(), x, y, type); });
    g.when(first, [&] { g.finish(result, index, closeReduce(g, op, axes, acc)); });
  });
}

void emitReduce(GroupEmitter &g, nn::ReduceOp op) {
  Axes axes(g, op);
  Value result = op.getResult();
  IndexRef output = g.shape(result);
  if (g.hasShape(KernelShape::Rows)) {
    emitReduceTogether(g, op, axes);
    return;
  }
  bool innerFolds = axes.folds.empty() || axes.folds.back();
  if (innerFolds || op.getAxes().empty() || g.perElement() ||
      GroupEmitter::isConstant(output.back(), 1)) {
    g.nest(output, [&](IndexRef index) { g.finish(result, index, reduceAt(g, op, index)); });
    return;
  }
  Type type = g.elementType(op.getX());
  GroupEmitter::Strip shape{identity(g, op.getFn(), type),
                            Index(output),
                            [&](IndexRef) {
                              Index from(axes.foldedExtents.size(), g.idx(0));
                              return std::make_pair(from, axes.foldedExtents);
                            },
                            {}};
  g.strip(
      shape,
      [&](IndexRef index, IndexRef folded, Value acc) {
        return combine(g, op.getFn(), acc, g.at(op.getX(), axes.inputIndex(index, folded)), type);
      },
      [&](IndexRef index, Value acc) { g.finish(result, index, closeReduce(g, op, axes, acc)); });
}

//===----------------------------------------------------------------------===//
// arg_reduce
//===----------------------------------------------------------------------===//

void emitArgReduce(GroupEmitter &g, nn::ArgReduceOp op) {
  Value x = op.getX(), result = op.getResult();
  Type type = g.elementType(x), wide = g.b.getI64Type();
  int64_t axis = op.getAxis();
  bool isMax = op.getFn() == nn::ArgFn::max;
  g.nest(g.shape(result), [&](IndexRef index) {
    auto inputIndex = [&](Value position) {
      Index full(index);
      if (op.getKeepdims())
        full[axis] = position;
      else
        full.insert(full.begin() + axis, position);
      return full;
    };
    // Starts at the first element; an empty axis gives 0.
    Value extent = g.shape(x)[axis];
    Value some = g.b.createOrFold<arith::CmpIOp>(g.loc, IPred::ne, extent, g.idx(0));
    Value first = g.guarded(some, g.zeroOf(x), [&] { return g.at(x, inputIndex(g.idx(0))); });
    Value zero = g.scalars.intConstant(wide, 0);
    Value best =
        g.fold(Index{g.idx(1)}, Index{extent}, {first, zero},
               [&](IndexRef folded, ValueRange carried) -> SmallVector<Value> {
                 Value element = g.at(x, inputIndex(folded[0]));
                 nn::CompareFn fn = isMax ? (op.getLast() ? nn::CompareFn::ge : nn::CompareFn::gt)
                                          : (op.getLast() ? nn::CompareFn::le : nn::CompareFn::lt);
                 Value better = g.scalars.compare(fn, element, carried[0], type);
                 if (isa<FloatType>(element.getType())) {
                   // The first NaN wins and stays.
                   Value kept =
                       g.b.create<arith::CmpFOp>(g.loc, FPred::ORD, carried[0], carried[0]);
                   Value isNan = g.b.create<arith::CmpFOp>(g.loc, FPred::UNO, element, element);
                   better = g.b.create<arith::OrIOp>(g.loc, better, isNan);
                   better = g.b.create<arith::AndIOp>(g.loc, better, kept);
                 }
                 Value position = g.b.create<arith::IndexCastOp>(g.loc, wide, folded[0]);
                 return {g.b.create<arith::SelectOp>(g.loc, better, element, carried[0]),
                         g.b.create<arith::SelectOp>(g.loc, better, position, carried[1])};
               })[1];
    g.finish(result, index, best);
  });
}

} // namespace burin
