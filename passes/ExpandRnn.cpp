//===- ExpandRnn.cpp - Recurrent layers as products in a loop -------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// The input's share of all gates does not depend on the state, so one product
// [T * B, I] x [I, G * H] computes it for all steps; the loop keeps the small
// product with the state and the cell's elementwise formulas:
//
//   for t in 0..T:  h, c = cell(xg[t], h, c);  y[t] = h
//
// Backward directions read and write t from the end. A sequence that is over
// keeps its state and gives zeros; backward, the steps before its last element
// are skipped in the same way, which is reversal within its own length.
//
// The gates' biases for input and state are added up in front of the loop. Only
// GRU's reset gate stands between them under linear_before_reset.
//
//===----------------------------------------------------------------------===//

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace burin {
#define GEN_PASS_DEF_EXPANDRNN
#include "passes/Passes.h.inc"
} // namespace burin

using namespace mlir;
using namespace burin;

namespace {

/// One direction of the layer.
class OneDirection {
public:
  OneDirection(nn::RnnOp op, OpBuilder &builder, int64_t index)
      : op(op), b(builder, op.getLoc()), index(index), steps(b.dim(op.getX(), 0)),
        batch(b.dim(op.getX(), 1)),
        hidden(cast<RankedTensorType>(op.getR().getType()).getDimSize(2)),
        compute(computeType(elementType(op.getX()))), gates(op.getKind() == nn::RnnKind::lstm  ? 4
                                                            : op.getKind() == nn::RnnKind::gru ? 3
                                                                                               : 1),
        firstFn(index * (gates == 1 ? 1 : gates - 1)),
        backward(op.getDirection() == nn::Direction::reverse || index == 1) {}

  struct States {
    Value y, h, c; ///< y: [T, B, H], null where nobody reads it; h, c: [B, H]
  };
  States run();

private:
  bool isLstm() { return op.getKind() == nn::RnnKind::lstm; }
  bool resetsLast() { return op.getKind() == nn::RnnKind::gru && op.getLinearBeforeReset(); }

  /// This direction's part of a parameter, without the leading axis.
  Value part(Value parameter) {
    if (!parameter)
      return nullptr;
    Value one = b.cast(b.slice(parameter, 0, index, 1), compute);
    return b.reshape(one, ArrayRef(b.dims(one)).drop_front());
  }
  /// Gate `gate` of the last axis, `count` gates wide.
  Value gate(Value x, int64_t gate, int64_t count = 1) {
    int64_t axis = cast<RankedTensorType>(x.getType()).getRank() - 1;
    return b.slice(x, axis, gate * hidden, count * hidden);
  }

  void prepare();
  Value initial(Value state);
  Value activate(int64_t which, Value x);
  std::pair<Value, Value> cell(Value xg, Value h, Value c);
  std::pair<Value, Value> lstm(Value xg, Value h, Value c);
  Value gru(Value xg, Value h);
  /// One time step; `at` is the time as i64 tensor [1], null for the only one.
  States step(Value at, States before);

  nn::RnnOp op;
  OpBuild b;
  int64_t index;
  Extent steps, batch;
  int64_t hidden;
  Type compute;
  int64_t gates, firstFn;
  bool backward;
  // Made in front of the loop.
  Value inputs;    ///< [T, B, G * H], biases included
  Value recurrent; ///< [G * H, H]
  Value resetBias; ///< [H], bias of the state in GRU's candidate
  Value peepholes; ///< [3 * H]
  Value lens;      ///< [B, 1] i64
};

} // namespace

void OneDirection::prepare() {
  Extent width = b.dim(op.getX(), 2);
  recurrent = part(op.getR());
  peepholes = part(op.getP());
  Value x = b.reshape(b.cast(op.getX(), compute), {b.product(steps, batch), width});
  Value all = b.matmul(x, part(op.getW()), /*ta=*/false, /*tb=*/true);
  if (Value bias = part(op.getB())) {
    Value ofInput = gate(bias, 0, gates),
          ofState = b.slice(bias, 0, gates * hidden, gates * hidden);
    if (resetsLast()) {
      resetBias = gate(ofState, 2);
      Value first = b.add(gate(ofInput, 0, 2), gate(ofState, 0, 2));
      all = b.add(all, b.concat({first, gate(ofInput, 2)}, 0));
    } else {
      all = b.add(all, b.add(ofInput, ofState));
    }
  }
  inputs = b.reshape(all, {steps, batch, gates * hidden});
  if (op.getLens())
    lens = b.reshape(b.cast(op.getLens(), b.builder().getI64Type()), {batch, 1});
}

Value OneDirection::initial(Value state) {
  if (state)
    return b.reshape(b.cast(b.slice(state, 0, index, 1), compute), {batch, hidden});
  return b.broadcastTo(b.scalar(compute, 0), {batch, hidden});
}

Value OneDirection::activate(int64_t which, Value x) {
  if (double limit = op.getClip().convertToDouble(); limit > 0)
    x = b.binary(nn::BinaryFn::max, b.binary(nn::BinaryFn::min, x, limit), -limit);
  int64_t i = firstFn + which;
  return b.unary(cast<nn::UnaryFnAttr>(op.getFns()[i]).getValue(), x, op.getAlphas()[i],
                 op.getBetas()[i]);
}

std::pair<Value, Value> OneDirection::lstm(Value xg, Value h, Value c) {
  Value all = b.add(xg, b.matmul(h, recurrent, /*ta=*/false, /*tb=*/true));
  auto with = [&](int64_t which, int64_t peephole, Value state) {
    Value x = gate(all, which);
    return peepholes ? b.add(x, b.mul(gate(peepholes, peephole), state)) : x;
  };
  Value i = activate(0, with(0, 0, c));
  Value f = op.getInputForget() ? b.sub(b.scalar(compute, 1), i) : activate(0, with(2, 2, c));
  Value next = b.add(b.mul(f, c), b.mul(i, activate(1, gate(all, 3))));
  Value o = activate(0, with(1, 1, next));
  return {b.mul(o, activate(2, next)), next};
}

Value OneDirection::gru(Value xg, Value h) {
  Value update, candidate;
  if (resetsLast()) {
    Value state = b.matmul(h, recurrent, /*ta=*/false, /*tb=*/true);
    Value two = b.add(gate(xg, 0, 2), gate(state, 0, 2));
    update = activate(0, gate(two, 0));
    Value last = gate(state, 2);
    if (resetBias)
      last = b.add(last, resetBias);
    Value reset = activate(0, gate(two, 1));
    candidate = activate(1, b.add(gate(xg, 2), b.mul(reset, last)));
  } else {
    Value first = b.slice(recurrent, 0, 0, 2 * hidden);
    Value last = b.slice(recurrent, 0, 2 * hidden, hidden);
    Value two = b.add(gate(xg, 0, 2), b.matmul(h, first, /*ta=*/false, /*tb=*/true));
    update = activate(0, gate(two, 0));
    Value scaled = b.mul(activate(0, gate(two, 1)), h);
    Value state = b.matmul(scaled, last, /*ta=*/false, /*tb=*/true);
    candidate = activate(1, b.add(gate(xg, 2), state));
  }
  Value keep = b.sub(b.scalar(compute, 1), update);
  return b.add(b.mul(keep, candidate), b.mul(update, h));
}

std::pair<Value, Value> OneDirection::cell(Value xg, Value h, Value c) {
  switch (op.getKind()) {
  case nn::RnnKind::lstm:
    return lstm(xg, h, c);
  case nn::RnnKind::gru:
    return {gru(xg, h), c};
  case nn::RnnKind::rnn:
    break;
  }
  return {activate(0, b.add(xg, b.matmul(h, recurrent, /*ta=*/false, /*tb=*/true))), c};
}

OneDirection::States OneDirection::step(Value at, States before) {
  Value xg = inputs;
  if (at) {
    Value start = b.concat({at, nn::createShape(b.builder(), b.location(), {0, 0})}, 0);
    xg = b.builder().create<nn::SliceOp>(
        b.location(), RankedTensorType::get({1, batch.known(), gates * hidden}, compute), inputs,
        start, b.shape({1, batch, gates * hidden}), ArrayRef<int64_t>());
  }
  xg = b.reshape(xg, {batch, gates * hidden});
  auto [h, c] = cell(xg, before.h, before.c);
  Value row = h;
  if (lens) {
    Value time = at ? at : nn::createShape(b.builder(), b.location(), {0});
    Value active = b.compare(nn::CompareFn::lt, time, lens);
    row = b.select(active, h, b.scalar(compute, 0));
    h = b.select(active, h, before.h);
    if (c)
      c = b.select(active, c, before.c);
  }
  Value y = before.y;
  if (y && at)
    y = b.builder().create<nn::ScatterOp>(b.location(), nn::ScatterFn::none, y, at,
                                          b.reshape(row, {1, batch, hidden}));
  else if (y)
    y = b.reshape(row, {1, batch, hidden});
  return {y, h, c};
}

OneDirection::States OneDirection::run() {
  prepare();
  States states;
  states.h = initial(op.getH0());
  if (isLstm())
    states.c = initial(op.getC0());
  if (!op.getResult(0).use_empty())
    states.y = b.broadcastTo(b.scalar(compute, 0), {steps, batch, hidden});
  if (steps.isKnown() && steps.known() == 1)
    return step(nullptr, states);

  OpBuilder &builder = b.builder();
  Location loc = b.location();
  Value zero = builder.create<arith::ConstantIndexOp>(loc, 0);
  Value one = builder.create<arith::ConstantIndexOp>(loc, 1);
  Value count;
  if (steps.isKnown()) {
    count = builder.create<arith::ConstantIndexOp>(loc, steps.known());
  } else {
    Value number = builder.create<tensor::ExtractOp>(loc, steps.runtime(), zero);
    count = builder.create<arith::IndexCastOp>(loc, builder.getIndexType(), number);
  }
  SmallVector<Value> carried{states.h};
  if (states.c)
    carried.push_back(states.c);
  if (states.y)
    carried.push_back(states.y);
  auto unpack = [&](ValueRange values) {
    States result;
    result.h = values[0];
    result.c = states.c ? values[1] : Value();
    result.y = states.y ? values.back() : Value();
    return result;
  };
  auto loop = builder.create<scf::ForOp>(loc, zero, count, one, carried);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value time = loop.getInductionVar();
  if (backward) {
    Value last = builder.create<arith::SubIOp>(loc, count, one);
    time = builder.create<arith::SubIOp>(loc, last, time);
  }
  Value number = builder.create<arith::IndexCastOp>(loc, builder.getI64Type(), time);
  Value at = builder.create<tensor::FromElementsOp>(
      loc, RankedTensorType::get({1}, builder.getI64Type()), number);
  States after = step(at, unpack(loop.getRegionIterArgs()));
  SmallVector<Value> yielded{after.h};
  if (after.c)
    yielded.push_back(after.c);
  if (after.y)
    yielded.push_back(after.y);
  for (auto [value, start] : llvm::zip(yielded, carried))
    value = b.withType(value, start.getType());
  builder.create<scf::YieldOp>(loc, yielded);
  return unpack(loop.getResults());
}

namespace {

struct ExpandRnnPattern : OpRewritePattern<nn::RnnOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::RnnOp op, PatternRewriter &rewriter) const override {
    auto r = cast<RankedTensorType>(op.getR().getType());
    if (r.isDynamicDim(0) || r.isDynamicDim(2))
      return rewriter.notifyMatchFailure(op, "hidden size is not known");
    OpBuild b(rewriter, op.getLoc());
    Type element = elementType(op.getX());
    Extent steps = b.dim(op.getX(), 0), batch = b.dim(op.getX(), 1);
    int64_t hidden = r.getDimSize(2);
    SmallVector<Value> ys, hs, cs;
    for (int64_t d = 0; d < r.getDimSize(0); ++d) {
      OneDirection::States states = OneDirection(op, rewriter, d).run();
      if (states.y)
        ys.push_back(b.reshape(b.cast(states.y, element), {steps, 1, batch, hidden}));
      hs.push_back(b.reshape(b.cast(states.h, element), {1, batch, hidden}));
      if (states.c)
        cs.push_back(b.reshape(b.cast(states.c, element), {1, batch, hidden}));
    }
    auto replace = [&](unsigned i, ArrayRef<Value> parts, int64_t axis) {
      if (!op.getResult(i).use_empty())
        rewriter.replaceAllUsesWith(op.getResult(i),
                                    b.withType(b.concat(parts, axis), op.getResult(i).getType()));
    };
    replace(0, ys, 1);
    replace(1, hs, 0);
    if (op.getNumResults() > 2)
      replace(2, cs, 0);
    rewriter.eraseOp(op);
    return success();
  }
};

struct ExpandRnn : burin::impl::ExpandRnnBase<ExpandRnn> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandRnnPattern>(&getContext());
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    // What is left cannot be computed by anyone.
    WalkResult rest = getOperation().walk([](nn::RnnOp op) {
      op.emitError("a recurrent layer needs a hidden size that is known");
      return WalkResult::interrupt();
    });
    if (rest.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
