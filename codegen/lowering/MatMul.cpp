//===- MatMul.cpp - Batched products without a kernel ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/Cooperation.h"
#include "codegen/lowering/Families.h"

using namespace mlir;

namespace burin {

namespace {
/// Elements of both sides in the accumulator's type, zero points subtracted.
struct Product {
  Product(GroupEmitter &g, nn::MatMulOp op) : g(g), op(op), result(op.getResult()) {
    accType = ScalarEmitter::computeType(g.elementType(result));
    IndexRef a = g.shape(op.getA());
    depth = a[a.size() - (op.getTa() ? 2 : 1)];
  }

  /// Index into a tensor of this op: batch dims broadcast, then the last two.
  Index operandIndex(Value operand, IndexRef output, Value row, Value column) const {
    IndexRef shape = g.shape(operand);
    size_t skip = output.size() - shape.size();
    Index index;
    for (size_t i = 0; i + 2 < shape.size(); ++i)
      index.push_back(pick(shape[i], g.shape(result)[skip + i], output[skip + i]));
    index.push_back(row);
    index.push_back(column);
    return index;
  }

  Value pick(Value extent, Value full, Value position) const {
    if (GroupEmitter::same(extent, full))
      return position;
    if (auto known = GroupEmitter::constant(extent))
      return *known == 1 ? g.idx(0) : position;
    Value one = g.b.create<arith::CmpIOp>(g.loc, arith::CmpIPredicate::eq, extent, g.idx(1));
    return g.b.create<arith::SelectOp>(g.loc, one, g.idx(0), position);
  }

  /// A zero point, scalar or broadcast to [.., M, 1] or [.., 1, N].
  Value zeroPoint(Value zp, IndexRef output) const {
    IndexRef shape = g.shape(zp);
    size_t skip = output.size() - shape.size();
    Index index;
    for (size_t i = 0; i < shape.size(); ++i)
      index.push_back(pick(shape[i], g.shape(result)[skip + i], output[skip + i]));
    return g.at(zp, index);
  }

  Value side(Value operand, Value zp, IndexRef output, Value row, Value column) const {
    Type type = g.elementType(operand), target = g.elementType(result);
    Value element = g.at(operand, operandIndex(operand, output, row, column));
    Value wide = g.scalars.cast(element, type, accElement(target));
    if (zp)
      wide = g.b.createOrFold<arith::SubIOp>(
          g.loc, wide, g.scalars.cast(zeroPoint(zp, output), type, accElement(target)));
    return wide;
  }

  /// The same without its zero point.
  Value stored(Value operand, IndexRef output, Value row, Value column) const {
    return g.at(operand, operandIndex(operand, output, row, column));
  }

  /// f16 accumulates in f32: no rounding on the way.
  Type accElement(Type target) const { return isa<FloatType>(accType) ? accType : target; }

  Value left(IndexRef output, Value k) const {
    Value row = output[output.size() - 2];
    return op.getTa() ? side(op.getA(), op.getAZp(), output, k, row)
                      : side(op.getA(), op.getAZp(), output, row, k);
  }

  Value right(IndexRef output, Value k) const {
    Value column = output.back();
    return op.getTb() ? side(op.getB(), op.getBZp(), output, column, k)
                      : side(op.getB(), op.getBZp(), output, k, column);
  }

  Value step(IndexRef output, Value k, Value acc) const {
    Value a = left(output, k);
    return accumulateAdd(g, acc, accumulateMul(g, a, right(output, k)));
  }

  Value zero() const {
    return isa<FloatType>(accType) ? g.scalars.floatConstant(accType, 0)
                                   : g.scalars.intConstant(accType, 0);
  }

  Value dot(IndexRef output) const {
    Value acc = g.fold(Index{depth}, zero(),
                       [&](IndexRef folded, ValueRange carried) -> SmallVector<Value> {
                         return {step(output, folded[0], carried[0])};
                       })[0];
    return g.scalars.round(acc, g.elementType(result));
  }

  GroupEmitter &g;
  mutable nn::MatMulOp op;
  Value result, depth;
  Type accType;
};
} // namespace

Value matMulAt(GroupEmitter &g, nn::MatMulOp op, IndexRef index) {
  return Product(g, op).dot(index);
}

/// In a kernel, tiles of each matrix of the batch.
static void emitTiles(GroupEmitter &g, const Product &product) {
  Index output(g.shape(product.result)), batch(output);
  Value columns = batch.pop_back_val(), rows = batch.pop_back_val();
  auto indexOf = [&](Value number, Value row, Value column) {
    Index index = g.delinearize(number, batch);
    index.push_back(row);
    index.push_back(column);
    return index;
  };
  // A factor does not depend on the other's position; its zero point may ask for it.
  auto rowOf = [&](Value number, Value row) { return indexOf(number, row, g.idx(0)); };
  auto columnOf = [&](Value number, Value column) { return indexOf(number, g.idx(0), column); };
  nn::MatMulOp op = product.op;
  TiledProduct tiled;
  tiled.batches = g.product(batch);
  tiled.rows = rows;
  tiled.columns = columns;
  tiled.depth = product.depth;
  tiled.type = product.accType;
  tiled.zero = product.zero();
  tiled.left = [&](Value number, Value row, Value k) {
    return product.left(rowOf(number, row), k);
  };
  tiled.right = [&](Value number, Value k, Value column) {
    return product.right(columnOf(number, column), k);
  };
  tiled.done = [&](Value number, Value row, Value column, Value sum) {
    g.finish(product.result, indexOf(number, row, column),
             g.scalars.round(sum, g.elementType(product.result)));
  };
  tiled.leftElement = g.elementType(op.getA());
  tiled.rightElement = g.elementType(op.getB());
  tiled.leftAlongDepth = !op.getTa();
  tiled.rightAlongDepth = op.getTb();
  if (tiled.leftElement.isInteger(8) && tiled.rightElement.isInteger(8)) {
    ByteFactors &bytes = tiled.bytes.emplace();
    bytes.left = [&](Value number, Value row, Value k) {
      Index output = rowOf(number, row);
      return op.getTa() ? product.stored(op.getA(), output, k, row)
                        : product.stored(op.getA(), output, row, k);
    };
    bytes.right = [&](Value number, Value k, Value column) {
      Index output = columnOf(number, column);
      return op.getTb() ? product.stored(op.getB(), output, column, k)
                        : product.stored(op.getB(), output, k, column);
    };
    auto wide = [&](Value zp, IndexRef output) {
      return g.scalars.cast(product.zeroPoint(zp, output), g.elementType(zp),
                            g.elementType(product.result));
    };
    if (!isZero(op.getAZp()))
      bytes.leftZero = [&, wide](Value number, Value row) {
        return wide(op.getAZp(), rowOf(number, row));
      };
    if (!isZero(op.getBZp()))
      bytes.rightZero = [&, wide](Value number, Value column) {
        return wide(op.getBZp(), columnOf(number, column));
      };
  }
  emitTiledProduct(g, tiled);
}

void emitMatMul(GroupEmitter &g, nn::MatMulOp op) {
  Product product(g, op);
  Value result = product.result;
  Index output(g.shape(result));
  if (g.hasShape(KernelShape::Tiles)) {
    emitTiles(g, product);
    return;
  }
  // With b transposed both sides are contiguous along k: plain dot products.
  if (g.perElement() || op.getTb() || GroupEmitter::isConstant(output.back(), 1)) {
    g.nest(output, [&](IndexRef index) { g.finish(result, index, product.dot(index)); });
    return;
  }
  GroupEmitter::Strip shape{
      product.zero(),
      output,
      [&](IndexRef) { return std::make_pair(Index{g.idx(0)}, Index{product.depth}); },
      {},
      /*blockRows=*/true};
  g.strip(
      shape,
      [&](IndexRef index, IndexRef folded, Value acc) {
        return product.step(index, folded[0], acc);
      },
      [&](IndexRef index, Value acc) {
        g.finish(result, index, g.scalars.round(acc, g.elementType(result)));
      });
}

} // namespace burin
