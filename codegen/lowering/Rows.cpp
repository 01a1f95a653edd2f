//===- Rows.cpp - softmax and normalize -----------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A row is what the op folds over: all elements of `axes` together. Each row
// is read two or three times and written once.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/Cooperation.h"
#include "codegen/lowering/Families.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace burin {

namespace {
/// Splits the dims of a value into the row's and the others.
struct Rows {
  Rows(GroupEmitter &g, Value x, ArrayRef<int64_t> axes) : g(g) {
    for (auto [i, extent] : llvm::enumerate(g.shape(x))) {
      inRow.push_back(llvm::is_contained(axes, static_cast<int64_t>(i)));
      (inRow.back() ? row : outer).push_back(extent);
    }
    if (g.hasShape(KernelShape::Rows))
      scratch =
          sharedArray(g, g.options.blockThreads, ScalarEmitter::computeType(g.elementType(x)));
  }
  /// In a kernel, all threads of a block may work on one row.
  void eachRow(function_ref<void(IndexRef)> body) const {
    if (!scratch)
      return g.nest(outer, body);
    g.eachOfBlock(g.product(outer), [&](Value number) { body(g.delinearize(number, outer)); });
  }
  Index full(IndexRef outerIndex, IndexRef rowIndex) const {
    Index index;
    size_t o = 0, r = 0;
    for (bool isRow : inRow)
      index.push_back(isRow ? rowIndex[r++] : outerIndex[o++]);
    return index;
  }
  /// Folds the elements of a row.
  Value fold(IndexRef outerIndex, Value init, function_ref<Value(IndexRef index)> element,
             function_ref<Value(Value acc, Value element)> join) const {
    auto step = [&](IndexRef index, Value acc) { return join(acc, element(index)); };
    if (scratch)
      return foldTogether(
          g, row, init, scratch,
          [&](IndexRef rowIndex, Value acc) { return step(full(outerIndex, rowIndex), acc); },
          join);
    return g.fold(row, init, [&](IndexRef rowIndex, ValueRange carried) -> SmallVector<Value> {
      return {step(full(outerIndex, rowIndex), carried[0])};
    })[0];
  }
  void each(IndexRef outerIndex, function_ref<void(IndexRef)> body) const {
    auto inRow = [&](IndexRef rowIndex) { body(full(outerIndex, rowIndex)); };
    scratch ? g.eachShared(row, inRow) : g.nest(row, inRow);
  }

  GroupEmitter &g;
  SmallVector<bool> inRow;
  Index row, outer;
  Value scratch; ///< of a block that works on a row
};
} // namespace

void emitSoftmax(GroupEmitter &g, nn::SoftmaxOp op) {
  Value x = op.getX(), result = op.getResult();
  Type type = g.elementType(x);
  Rows rows(g, x, op.getAxes());
  std::optional<unsigned> scratch = op.getLog() ? std::nullopt : g.scratchResult(result);
  auto add = [&](Value acc, Value element) { return accumulateAdd(g, acc, element); };
  rows.eachRow([&](IndexRef given) {
    Index outer(given);
    Value top = rows.fold(
        outer, identity(g, nn::ReduceFn::max, type), [&](IndexRef index) { return g.at(x, index); },
        [&](Value acc, Value element) {
          return combine(g, nn::ReduceFn::max, acc, element, type);
        });
    auto shifted = [&](IndexRef index) -> Value {
      return g.b.create<arith::SubFOp>(g.loc, g.at(x, index), top);
    };
    Value zero = g.scalars.floatConstant(top.getType(), 0);
    auto power = [&](IndexRef index) {
      Value result = g.scalars.callMath("exp", shifted(index));
      if (scratch)
        g.store(*scratch, index, result);
      return result;
    };
    Value total = rows.fold(outer, zero, power, add);
    if (op.getLog()) {
      Value logTotal = g.scalars.callMath("log", total);
      rows.each(outer, [&](IndexRef index) {
        Value element = g.b.create<arith::SubFOp>(g.loc, shifted(index), logTotal);
        g.finish(result, index, g.scalars.round(element, type));
      });
      return;
    }
    Value one = g.scalars.floatConstant(top.getType(), 1);
    Value factor = g.b.create<arith::DivFOp>(g.loc, one, total);
    rows.each(outer, [&](IndexRef index) {
      Value power = scratch ? g.load(*scratch, index) : g.scalars.callMath("exp", shifted(index));
      Value element = g.b.create<arith::MulFOp>(g.loc, power, factor);
      g.finish(result, index, g.scalars.round(element, type));
    });
  });
}

void emitNormalize(GroupEmitter &g, nn::NormalizeOp op) {
  Value x = op.getX(), result = op.getResult();
  Type type = g.elementType(x);
  Rows rows(g, x, op.getAxes());
  Type real = ScalarEmitter::computeType(type);
  auto k = [&](double value) { return g.scalars.floatConstant(real, value); };
  auto add = [&](Value acc, Value element) { return accumulateAdd(g, acc, element); };
  rows.eachRow([&](IndexRef given) {
    Index outer(given);
    // As f64 where that is the type, else f32.
    Value count = indexToNumber(g, g.product(rows.row), real);
    Value mean;
    if (op.getFn() == nn::NormalizeFn::layer) {
      Value sum = rows.fold(outer, k(0), [&](IndexRef index) { return g.at(x, index); }, add);
      mean = g.b.create<arith::DivFOp>(g.loc, sum, count);
    }
    auto centred = [&](IndexRef index) -> Value {
      Value element = g.at(x, index);
      return mean ? Value(g.b.create<arith::SubFOp>(g.loc, element, mean)) : element;
    };
    auto square = [&](IndexRef index) {
      Value element = centred(index);
      return accumulateMul(g, element, element);
    };
    Value squares = rows.fold(outer, k(0), square, add);
    Value variance = g.b.create<arith::DivFOp>(g.loc, squares, count);
    variance = g.b.create<arith::AddFOp>(g.loc, variance, k(op.getEpsilon().convertToDouble()));
    Value deviation = g.scalars.squareRoot(variance);
    Value factor = g.b.create<arith::DivFOp>(g.loc, k(1), deviation);
    rows.each(outer, [&](IndexRef index) {
      Value element = g.b.create<arith::MulFOp>(g.loc, centred(index), factor);
      g.finish(result, index, g.scalars.round(element, type));
    });
  });
}

} // namespace burin
