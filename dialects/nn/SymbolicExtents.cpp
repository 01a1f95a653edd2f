//===- SymbolicExtents.cpp - Extents of every op's results ----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The same formulas as type inference, on expressions. Types have been checked,
// so nothing is verified here.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/CallExtents.h"
#include "dialects/nn/SymbolicShapesImpl.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace burin::nn {

using Analysis = SymbolicShapes::Analysis;

/// `a == 1 ? b : a`; of two extents that must agree a known one is preferred.
DimExpr Analysis::broadcast(DimExpr a, DimExpr b) {
  if (!a || !b || a == b)
    return a == b ? a : DimExpr();
  if (a.constant())
    return a.constant() == 1 ? b : a;
  if (b.constant())
    return b.constant() == 1 ? a : b;
  return a;
}

DimList Analysis::broadcast(ArrayRef<DimExpr> a, ArrayRef<DimExpr> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  DimList result(a);
  size_t offset = a.size() - b.size();
  for (auto [i, dim] : llvm::enumerate(b))
    result[offset + i] = broadcast(a[offset + i], dim);
  return result;
}

DimList Analysis::reshape(ReshapeOp op) {
  DimExpr total = ctx.product(dims(op.getX()));
  std::optional<DimList> shape = contents(op.getShape());
  if (!shape)
    return {};
  // Not the expression: beside an extent of 0 the others are free.
  DimExpr most = total.range().hi == INT64_MAX ? DimExpr() : constant(total.range().hi);
  // The extent that follows from the others: the constant -1, or the only one
  // that may be -1 at run time.
  std::optional<size_t> inferred;
  size_t unknown = 0;
  for (auto [i, dim] : llvm::enumerate(*shape))
    if (dim.range().lo < 0) {
      if (dim.constant() == -1 || !inferred)
        inferred = i;
      ++unknown;
    }
  bool given = inferred && (*shape)[*inferred].constant() == -1;
  if (inferred && (given || unknown == 1)) {
    DimList others(*shape);
    others.erase(others.begin() + *inferred);
    DimExpr quotient = ctx.floorDiv(total, ctx.product(others));
    DimList result = given && unknown > 1
                         ? extentsFrom(op, op.getShape(), DimList(shape->size(), most))
                         : *shape;
    result[*inferred] = quotient;
    return result;
  }
  return extentsFrom(op, op.getShape(), DimList(shape->size(), most));
}

DimList Analysis::slice(SliceOp op) {
  DimList x = dims(op.getX());
  DimList result = extentsFrom(op, op.getSizes(), x);
  return result;
}

DimList Analysis::matmul(MatMulOp op) {
  DimList a = dims(op.getA()), b = dims(op.getB());
  DimExpr m = a[a.size() - (op.getTa() ? 1 : 2)], n = b[b.size() - (op.getTb() ? 2 : 1)];
  DimList result = broadcast(ArrayRef(a).drop_back(2), ArrayRef(b).drop_back(2));
  result.append({m, n});
  return result;
}

/// Number of windows along one axis.
DimExpr Analysis::window(DimExpr extent, DimExpr kernel, int64_t stride, int64_t dilation,
                         int64_t low, int64_t high, bool ceil) {
  DimExpr span = ctx.add(ctx.mul(ctx.sub(kernel, constant(1)), constant(dilation)), constant(1));
  DimExpr room = ctx.sub(ctx.add(extent, constant(low + high)), span);
  if (!ceil)
    return ctx.add(ctx.floorDiv(room, constant(stride)), constant(1));
  // ceil(room / stride) + 1, but no window starts behind the data and the low
  // padding: one division of the smaller numerator.
  DimExpr all = ctx.add(room, constant(2 * stride - 1));
  DimExpr started = ctx.add(extent, constant(low + stride - 1));
  return ctx.floorDiv(ctx.min(all, started), constant(stride));
}

/// Position of the first spatial axis of x.
static size_t firstSpatial(Layout layout) { return layout == Layout::nchw ? 2 : 1; }
static size_t channelAxis(Layout layout, size_t rank) {
  return layout == Layout::nchw ? 1 : rank - 1;
}

static DimList reduced(ArrayRef<DimExpr> x, ArrayRef<int64_t> axes, bool keepDims, DimExpr one) {
  DimList result;
  for (auto [i, dim] : llvm::enumerate(x)) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(i)))
      result.push_back(dim);
    else if (keepDims)
      result.push_back(one);
  }
  return result;
}

SmallVector<DimList> Analysis::extents(Operation *op) {
  using Lists = SmallVector<DimList>;
  auto one = [](DimList list) {
    Lists lists;
    lists.push_back(std::move(list));
    return lists;
  };
  return TypeSwitch<Operation *, Lists>(op)
      .Case<UnaryOp, CastOp, BitcastOp, QuantizeOp, DequantizeOp, RequantizeOp, ScatterOp,
            CumulateOp, SoftmaxOp, NormalizeOp, tensor::CastOp>(
          [&](auto op) { return one(dims(op->getOperand(0))); })
      .Case<BinaryOp, CompareOp>(
          [&](auto op) { return one(broadcast(dims(op.getA()), dims(op.getB()))); })
      .Case([&](SelectOp op) {
        return one(broadcast(dims(op.getC()), broadcast(dims(op.getA()), dims(op.getB()))));
      })
      .Case([&](ReshapeOp op) { return one(reshape(op)); })
      .Case([&](TransposeOp op) {
        DimList x = dims(op.getX()), result;
        for (int64_t axis : op.getPerm())
          result.push_back(x[axis]);
        return one(result);
      })
      .Case([&](BroadcastToOp op) {
        DimList x = dims(op.getX()), result = extentsFrom(op, op.getShape());
        // A run-time target extent can only be the source's, where that is not 1.
        for (auto [i, dim] : llvm::enumerate(result)) {
          size_t offset = result.size() - x.size();
          std::optional<int64_t> source =
              i >= offset ? x[i - offset].constant() : std::optional<int64_t>();
          if (!dim.constant() && source && source != 1)
            dim = x[i - offset];
        }
        return one(result);
      })
      .Case([&](SliceOp op) { return one(slice(op)); })
      .Case([&](ConcatOp op) {
        DimList result = dims(op.getXs().front());
        for (Value x : op.getXs().drop_front()) {
          DimList other = dims(x);
          for (auto [i, dim] : llvm::enumerate(result)) {
            if (static_cast<int64_t>(i) == static_cast<int64_t>(op.getAxis()))
              dim = ctx.add(dim, other[i]);
            else if (!dim.constant() && other[i].constant())
              dim = other[i];
          }
        }
        return one(result);
      })
      .Case([&](PadOp op) {
        DimList result = dims(op.getX());
        DimList low = extentsFrom(op, op.getLow()), high = extentsFrom(op, op.getHigh());
        if (low.size() != result.size() || high.size() != result.size())
          return one({});
        for (auto [dim, before, after] : llvm::zip(result, low, high))
          dim = ctx.add(dim, ctx.add(before, after));
        return one(result);
      })
      .Case([&](GatherOp op) {
        DimList x = dims(op.getX()), idx = dims(op.getIdx());
        DimList result(ArrayRef(x).take_front(op.getAxis()));
        result.append(idx.begin() + op.getBatchDims(), idx.end());
        result.append(x.begin() + op.getAxis() + 1, x.end());
        return one(result);
      })
      .Case([&](IotaOp op) { return one(extentsFrom(op, op.getN())); })
      .Case([&](RandomOp op) { return one(extentsFrom(op, op.getShape())); })
      .Case([&](ReduceOp op) {
        return one(reduced(dims(op.getX()), op.getAxes(), op.getKeepdims(), constant(1)));
      })
      .Case([&](ArgReduceOp op) {
        return one(reduced(dims(op.getX()), {static_cast<int64_t>(op.getAxis())}, op.getKeepdims(),
                           constant(1)));
      })
      .Case([&](TopKOp op) {
        DimList result = dims(op.getX());
        DimList k = extentsFrom(op, op.getK(), result[op.getAxis()]);
        result[op.getAxis()] = k.empty() ? DimExpr() : k.front();
        return Lists{result, result};
      })
      .Case([&](MatMulOp op) { return one(matmul(op)); })
      .Case([&](ConvOp op) {
        DimList x = dims(op.getX()), w = dims(op.getW()), result = x;
        size_t first = firstSpatial(op.getLayout()), spatial = x.size() - 2;
        for (size_t i = 0; i < spatial; ++i)
          result[first + i] =
              window(x[first + i], w[first + i], op.getStrides()[i], op.getDilations()[i],
                     op.getPads()[i], op.getPads()[spatial + i], false);
        result[channelAxis(op.getLayout(), x.size())] = w[0];
        return one(result);
      })
      .Case([&](ConvTransposeOp op) {
        DimList x = dims(op.getX()), w = dims(op.getW()), result = x;
        size_t first = firstSpatial(op.getLayout()), spatial = x.size() - 2;
        for (size_t i = 0; i < spatial; ++i) {
          DimExpr steps = ctx.mul(ctx.sub(x[first + i], constant(1)), constant(op.getStrides()[i]));
          DimExpr span = ctx.mul(ctx.sub(w[2 + i], constant(1)), constant(op.getDilations()[i]));
          int64_t rest = op.getOutputPadding()[i] + 1 - op.getPads()[i] - op.getPads()[spatial + i];
          result[first + i] = ctx.add(ctx.add(steps, span), constant(rest));
        }
        result[channelAxis(op.getLayout(), x.size())] =
            ctx.mul(w[1], constant(static_cast<int64_t>(op.getGroup())));
        return one(result);
      })
      .Case([&](PoolOp op) {
        DimList x = dims(op.getX()), result = x;
        size_t first = firstSpatial(op.getLayout()), spatial = x.size() - 2;
        for (size_t i = 0; i < spatial; ++i)
          result[first + i] = window(x[first + i], constant(op.getKernel()[i]), op.getStrides()[i],
                                     op.getDilations()[i], op.getPads()[i],
                                     op.getPads()[spatial + i], op.getCeil());
        return one(result);
      })
      .Case([&](ResampleOp op) {
        DimList result = dims(op.getX());
        result[op.getAxis()] = dims(op.getIdx())[0];
        return one(result);
      })
      .Case([&](AttentionOp op) {
        DimList result = dims(op.getQ());
        result[3] = dims(op.getV())[3];
        return one(result);
      })
      .Case([&](RnnOp op) {
        DimList x = dims(op.getX()), r = dims(op.getR());
        DimList state{r[0], x[1], r[2]};
        Lists lists{DimList{x[0], r[0], x[1], r[2]}, state};
        if (op.getNumResults() > 2)
          lists.push_back(state);
        return lists;
      })
      .Case([&](CallOp op) {
        // Results of data-dependent size have their bound here.
        auto product = [&](ArrayRef<DimExpr> factors) { return ctx.product(factors); };
        auto min = [&](DimExpr a, DimExpr b) { return ctx.min(a, b); };
        auto constant = [&](int64_t value) { return ctx.constant(value); };
        auto operand = [&](size_t i) { return dims(op.getXs()[i]); };
        return callExtents<DimExpr>(op, {operand, product, min, constant, DimExpr()});
      })
      .Default([](Operation *) { return Lists(); });
}

} // namespace burin::nn
