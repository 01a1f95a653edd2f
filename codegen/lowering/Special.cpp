//===- Special.cpp - resample, random -------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/Families.h"

using namespace mlir;

namespace burin {

Value resampleAt(GroupEmitter &g, nn::ResampleOp op, IndexRef index) {
  Value x = op.getX(), table = op.getIdx(), weights = op.getW();
  size_t axis = op.getAxis();
  Type type = g.elementType(x), real = ScalarEmitter::computeType(type);
  Value last = g.sub(g.shape(x)[axis], g.idx(1));
  Value taps = g.shape(table)[1];
  Value acc =
      g.fold(Index{taps}, g.scalars.floatConstant(real, 0),
             [&](IndexRef folded, ValueRange carried) -> SmallVector<Value> {
               Index entry{index[axis], folded[0]};
               // In range by contract; a wrong table must not read outside.
               Value from = g.b.createOrFold<arith::MinUIOp>(g.loc, g.indexAt(table, entry), last);
               Index source(index);
               source[axis] = from;
               Value weight = g.scalars.cast(g.at(weights, entry), g.elementType(weights), real);
               return {accumulateAdd(g, carried[0], accumulateMul(g, weight, g.at(x, source)))};
             })[0];
  return g.scalars.round(acc, type);
}

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2,
/// 3"): the counter is the element's number, the key the seed.
Value randomAt(GroupEmitter &g, nn::RandomOp op, IndexRef index) {
  OpBuilder &b = g.b;
  Location loc = g.loc;
  Type word = b.getI32Type(), wide = b.getI64Type();
  auto k32 = [&](uint32_t value) { return g.scalars.intConstant(word, value); };
  auto k64 = [&](uint64_t value) { return g.scalars.intConstant(wide, value); };
  auto narrow = [&](Value v) { return b.createOrFold<arith::TruncIOp>(loc, word, v); };
  auto high = [&](Value v) { return narrow(b.createOrFold<arith::ShRUIOp>(loc, v, k64(32))); };
  auto product = [&](uint32_t factor, Value v) {
    Value extended = b.createOrFold<arith::ExtUIOp>(loc, wide, v);
    return b.createOrFold<arith::MulIOp>(loc, extended, k64(factor));
  };
  auto mix = [&](Value x, Value y, uint32_t key) {
    Value both = b.createOrFold<arith::XOrIOp>(loc, x, y);
    return b.createOrFold<arith::XOrIOp>(loc, both, k32(key));
  };
  Value position =
      b.createOrFold<arith::IndexCastOp>(loc, wide, g.linearize(index, g.shape(op.getResult())));
  Value counter[4] = {narrow(position), high(position), k32(0), k32(0)};
  auto seed = static_cast<uint64_t>(op.getSeed());
  auto key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    Value p = product(0xD2511F53, counter[0]), q = product(0xCD9E8D57, counter[2]);
    Value first = mix(high(q), counter[1], key0), third = mix(high(p), counter[3], key1);
    counter[0] = first;
    counter[1] = narrow(q);
    counter[2] = third;
    counter[3] = narrow(p);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  Type type = op.getType();
  if (type.isF64()) {
    Value bits = b.create<arith::ExtUIOp>(loc, wide, counter[0]);
    bits = b.create<arith::ShLIOp>(loc, bits, k64(32));
    bits = b.create<arith::OrIOp>(loc, bits, b.create<arith::ExtUIOp>(loc, wide, counter[1]));
    bits = b.create<arith::ShRUIOp>(loc, bits, k64(11));
    Value number = b.create<arith::UIToFPOp>(loc, b.getF64Type(), bits);
    return b.create<arith::MulFOp>(loc, number, g.scalars.floatConstant(b.getF64Type(), 0x1p-53));
  }
  // 24 bits; 8 for the 16-bit floats, which could round up to 1.
  unsigned drop = nn::elementBytes(type) == 2 ? 24 : 8;
  Value bits = b.create<arith::ShRUIOp>(loc, counter[0], k32(drop));
  Value number = b.create<arith::UIToFPOp>(loc, b.getF32Type(), bits);
  Value unit = g.scalars.floatConstant(b.getF32Type(), drop == 24 ? 0x1p-8 : 0x1p-24);
  return b.create<arith::MulFOp>(loc, number, unit);
}

} // namespace burin
