//===- Movement.cpp - Elements of ops that move or make them --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/Families.h"
#include "dialects/nn/Groups.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace burin {

using Pred = arith::CmpIPredicate;

static Value broadcastToAt(GroupEmitter &g, nn::BroadcastToOp op, IndexRef index) {
  IndexRef from = g.shape(op.getX()), to = g.shape(op.getResult());
  size_t skip = to.size() - from.size();
  Index mapped;
  for (auto [i, extent] : llvm::enumerate(from)) {
    Value position = index[skip + i];
    auto known = GroupEmitter::constant(extent);
    if (GroupEmitter::same(extent, to[skip + i])) {
      mapped.push_back(position);
    } else if (known) {
      mapped.push_back(*known == 1 ? g.idx(0) : position);
    } else {
      Value one = g.b.createOrFold<arith::CmpIOp>(g.loc, Pred::eq, extent, g.idx(1));
      mapped.push_back(g.b.createOrFold<arith::SelectOp>(g.loc, one, g.idx(0), position));
    }
  }
  return g.at(op.getX(), mapped);
}

static Value sliceAt(GroupEmitter &g, nn::SliceOp op, IndexRef index) {
  Index mapped;
  for (auto [i, position] : llvm::enumerate(index)) {
    Value offset = g.indexAt(op.getOffsets(), Index{g.idx(i)});
    int64_t stride = op.getStrides().empty() ? 1 : op.getStrides()[i];
    mapped.push_back(g.add(offset, g.mul(position, g.idx(stride))));
  }
  return g.at(op.getX(), mapped);
}

static Value padAt(GroupEmitter &g, nn::PadOp op, IndexRef index) {
  IndexRef extents = g.shape(op.getX());
  Value inside;
  Index mapped;
  for (auto [i, position] : llvm::enumerate(index)) {
    Value low = g.indexAt(op.getLow(), Index{g.idx(i)});
    Value source = g.sub(position, low);
    mapped.push_back(source);
    if (GroupEmitter::same(extents[i], g.shape(op.getResult())[i]))
      continue;
    Value test = g.inRange(source, extents[i]);
    inside = inside ? g.b.createOrFold<arith::AndIOp>(g.loc, inside, test) : test;
  }
  Value border = g.at(op.getValue(), {});
  if (!inside)
    return g.at(op.getX(), mapped);
  return g.guarded(inside, border, [&] { return g.at(op.getX(), mapped); });
}

static Value gatherAt(GroupEmitter &g, nn::GatherOp op, IndexRef index) {
  size_t axis = op.getAxis(), batch = op.getBatchDims();
  size_t idxRank = g.shape(op.getIdx()).size();
  // result = x[:axis] ++ idx[batch:] ++ x[axis+1:]
  Index where(index.take_front(batch));
  where.append(index.begin() + axis, index.begin() + axis + (idxRank - batch));
  Value row = g.indexAt(op.getIdx(), where);
  Index mapped(index.take_front(axis));
  mapped.push_back(row);
  mapped.append(index.begin() + axis + (idxRank - batch), index.end());
  Value inside = g.inRange(row, g.shape(op.getX())[axis]);
  return g.guarded(inside, g.zeroOf(op.getX()), [&] { return g.at(op.getX(), mapped); });
}

static Value concatAt(GroupEmitter &g, nn::ConcatOp op, IndexRef index) {
  size_t axis = op.getAxis();
  // Tries the parts from the first on; the last one needs no test.
  std::function<Value(size_t, Value)> part = [&](size_t i, Value start) -> Value {
    Value x = op.getXs()[i];
    Index mapped(index);
    mapped[axis] = g.sub(index[axis], start);
    if (i + 1 == op.getXs().size())
      return g.at(x, mapped);
    Value end = g.add(start, g.shape(x)[axis]);
    Value here = g.b.createOrFold<arith::CmpIOp>(g.loc, Pred::slt, index[axis], end);
    return g.either(
        here, g.valueType(x), [&] { return g.at(x, mapped); }, [&] { return part(i + 1, end); });
  };
  return part(0, g.idx(0));
}

static Value bitcastAt(GroupEmitter &g, nn::BitcastOp op, IndexRef index) {
  Type from = g.elementType(op.getX()), to = g.elementType(op.getResult());
  Value element = g.at(op.getX(), index);
  Value word = g.raw ? element : g.scalars.toStorage(element, from);
  Type storage = nn::storageType(to);
  if (word.getType() != storage)
    word = g.b.createOrFold<arith::BitcastOp>(g.loc, storage, word);
  return g.raw ? word : g.scalars.fromStorage(word, to);
}

static Value shapeOfAt(GroupEmitter &g, nn::ShapeOfOp op, IndexRef index) {
  Type wide = g.b.getI64Type();
  auto extentOf = [&](Value extent) {
    return g.b.createOrFold<arith::IndexCastOp>(g.loc, wide, extent);
  };
  IndexRef extents = g.shape(op.getX());
  if (auto known = GroupEmitter::constant(index[0]))
    return extentOf(extents[*known]);
  Value result = g.scalars.intConstant(wide, 0);
  for (auto [i, extent] : llvm::enumerate(extents)) {
    Value here = g.b.create<arith::CmpIOp>(g.loc, Pred::eq, index[0], g.idx(i));
    result = g.b.create<arith::SelectOp>(g.loc, here, extentOf(extent), result);
  }
  return result;
}

Value movementAt(GroupEmitter &g, Operation *op, IndexRef index) {
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](nn::TransposeOp transpose) {
        Index mapped(index.size());
        for (auto [i, axis] : llvm::enumerate(transpose.getPerm()))
          mapped[axis] = index[i];
        return g.at(transpose.getX(), mapped);
      })
      .Case([&](nn::BroadcastToOp broadcast) { return broadcastToAt(g, broadcast, index); })
      .Case([&](nn::SliceOp slice) { return sliceAt(g, slice, index); })
      .Case([&](nn::ReshapeOp reshape) {
        Value position = g.linearize(index, g.shape(reshape.getResult()));
        return g.at(reshape.getX(), g.delinearize(position, g.shape(reshape.getX())));
      })
      .Case([&](nn::BitcastOp bitcast) { return bitcastAt(g, bitcast, index); })
      .Case([&](nn::IotaOp iota) { return indexToNumber(g, index[0], iota.getType()); })
      .Case([&](nn::ShapeOfOp shapeOf) { return shapeOfAt(g, shapeOf, index); })
      .Case([&](nn::PadOp pad) { return padAt(g, pad, index); })
      .Case([&](nn::GatherOp gather) { return gatherAt(g, gather, index); })
      .Case([&](nn::ConcatOp concat) { return concatAt(g, concat, index); })
      .Default([](Operation *) { return Value(); });
}

} // namespace burin
