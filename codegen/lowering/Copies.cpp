//===- Copies.cpp - concat, pad and gather as copies of runs --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Whole runs of contiguous elements move at a time, so that the innermost loop
// is a plain copy.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/Families.h"

using namespace mlir;

namespace burin {

/// The function result that is `value`; its loops may then store at once.
static std::optional<unsigned> onlyResult(GroupEmitter &g, Value value) {
  auto terminator = g.source.getBody().front().getTerminator();
  if (terminator->getNumOperands() == 1 && terminator->getOperand(0) == value)
    return 0;
  return std::nullopt;
}

bool emitConcat(GroupEmitter &g, nn::ConcatOp op) {
  auto out = onlyResult(g, op.getResult());
  if (!out || !llvm::all_of(op.getXs(), [&](Value x) { return g.inMemory(x); }))
    return false;
  size_t axis = op.getAxis();
  auto split = [&](IndexRef shape) {
    return Index{g.product(shape.take_front(axis)), g.product(shape.drop_front(axis))};
  };
  Index total = split(g.shape(op.getResult()));
  g.setOutputShape(*out, total);
  Value start = g.idx(0);
  for (Value x : op.getXs()) {
    Index part = split(g.shape(x));
    g.setShape(x, part);
    g.nest(part, [&](IndexRef index) {
      g.store(*out, {index[0], g.add(start, index[1])}, g.at(x, index));
    });
    start = g.add(start, part[1]);
  }
  return true;
}

bool emitPad(GroupEmitter &g, nn::PadOp op) {
  auto out = onlyResult(g, op.getResult());
  if (!out || g.perElement())
    return false;
  Value x = op.getX();
  Index full(g.shape(op.getResult())), inner(g.shape(x));
  Value border = g.at(op.getValue(), {});
  Value size = g.product(full);
  g.setOutputShape(*out, {size});
  g.nest({size}, [&](IndexRef index) { g.store(*out, index, border); });
  g.setOutputShape(*out, full);
  Index low;
  for (size_t i = 0; i < full.size(); ++i)
    low.push_back(g.indexAt(op.getLow(), Index{g.idx(i)}));
  g.nest(inner, [&](IndexRef index) {
    Index shifted;
    for (auto [i, offset] : llvm::zip(index, low))
      shifted.push_back(g.add(i, offset));
    g.store(*out, shifted, g.at(x, index));
  });
  return true;
}

bool emitGather(GroupEmitter &g, nn::GatherOp op) {
  Value x = op.getX(), idx = op.getIdx();
  auto out = onlyResult(g, op.getResult());
  size_t axis = op.getAxis(), batch = op.getBatchDims();
  Index source(g.shape(x)), where(g.shape(idx));
  Value run = g.product(IndexRef(source).drop_front(axis + 1));
  // Single elements: at() has the better loop.
  if (!out || !g.inMemory(x) || g.perElement() || GroupEmitter::isConstant(run, 1))
    return false;
  // x as [before..., n, run], the result as [before..., idx[batch:]..., run].
  Index outer(source.begin(), source.begin() + axis);
  outer.append(where.begin() + batch, where.end());
  Index target(outer), rows(source.begin(), source.begin() + axis + 1);
  target.push_back(run);
  rows.push_back(run);
  g.setOutputShape(*out, target);
  g.setShape(x, rows);
  Value zero = g.zeroOf(x);
  g.nest(outer, [&](IndexRef index) {
    Index at(index.take_front(batch));
    at.append(index.begin() + axis, index.end());
    Value row = g.indexAt(idx, at);
    Index to(index), from(index.take_front(axis));
    from.push_back(row);
    g.branch(
        g.inRange(row, source[axis]),
        [&] {
          g.loop(g.idx(0), run, [&](Value i) {
            Index fromElement(from), toElement(to);
            fromElement.push_back(i);
            toElement.push_back(i);
            g.store(*out, toElement, g.at(x, fromElement));
          });
        },
        [&] {
          g.loop(g.idx(0), run, [&](Value i) {
            Index toElement(to);
            toElement.push_back(i);
            g.store(*out, toElement, zero);
          });
        });
  });
  return true;
}

} // namespace burin
