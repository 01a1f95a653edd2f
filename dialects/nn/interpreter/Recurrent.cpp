//===- Recurrent.cpp - Reference kernel of lstm, gru and rnn --------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Scalars.h"
#include "dialects/nn/interpreter/Kernels.h"

#include <cmath>

using namespace mlir;

namespace burin::nn::interp {

namespace {
/// The recurrence of one direction, in double, one batch entry at a time.
class Cell {
public:
  Cell(RnnOp op, In<RnnOp> &in, int64_t direction)
      : op(op), hidden(in.getR().shape()[2]), width(in.getX().shape()[2]),
        gates(op.getKind() == RnnKind::lstm  ? 4
              : op.getKind() == RnnKind::gru ? 3
                                             : 1),
        w(part(in.getW(), direction)), r(part(in.getR(), direction)), b(part(in.getB(), direction)),
        p(part(in.getP(), direction)), firstFn(direction * (op.getKind() == RnnKind::lstm  ? 3
                                                            : op.getKind() == RnnKind::gru ? 2
                                                                                           : 1)) {
    b.resize(2 * gates * hidden, 0.0);
    p.resize(3 * hidden, 0.0);
  }

  /// One step: updates h (and c) from the input x.
  void step(const double *x, std::vector<double> &h, std::vector<double> &c) {
    switch (op.getKind()) {
    case RnnKind::lstm:
      return stepLstm(x, h, c);
    case RnnKind::gru:
      return stepGru(x, h);
    case RnnKind::rnn: {
      std::vector<double> next(hidden);
      for (int64_t j = 0; j < hidden; ++j)
        next[j] = activate(0, fromInput(0, j, x) + fromState(0, j, h));
      h = next;
    }
    }
  }

private:
  /// One direction's slice of a parameter, empty where absent.
  static std::vector<double> part(const Tensor &tensor, int64_t direction) {
    if (!tensor)
      return {};
    std::vector<double> all = toFloats(tensor);
    int64_t n = product(tensor.shape().drop_front());
    return {all.begin() + direction * n, all.begin() + (direction + 1) * n};
  }

  double clip(double value) {
    double limit = op.getClip().convertToDouble();
    return limit > 0 ? std::max(-limit, std::min(limit, value)) : value;
  }
  double activate(int64_t index, double value) {
    size_t i = firstFn + index;
    auto at = [&](ArrayRef<double> list) { return i < list.size() ? list[i] : 0.0; };
    return evalUnary(cast<UnaryFnAttr>(op.getFns()[i]).getValue(), clip(value), at(op.getAlphas()),
                     at(op.getBetas()));
  }
  /// Row j of gate g: w x + wb, and r h + rb.
  double fromInput(int64_t g, int64_t j, const double *x) {
    double sum = b[g * hidden + j];
    for (int64_t i = 0; i < width; ++i)
      sum += w[(g * hidden + j) * width + i] * x[i];
    return sum;
  }
  double fromState(int64_t g, int64_t j, const std::vector<double> &h) {
    double sum = b[(gates + g) * hidden + j];
    for (int64_t i = 0; i < hidden; ++i)
      sum += r[(g * hidden + j) * hidden + i] * h[i];
    return sum;
  }

  // Gates i, o, f, c; peepholes i, o, f.
  void stepLstm(const double *x, std::vector<double> &h, std::vector<double> &c) {
    std::vector<double> next(hidden);
    for (int64_t j = 0; j < hidden; ++j) {
      auto gate = [&](int64_t g) { return fromInput(g, j, x) + fromState(g, j, h); };
      double i = activate(0, gate(0) + p[j] * c[j]);
      double f = op.getInputForget() ? 1 - i : activate(0, gate(2) + p[2 * hidden + j] * c[j]);
      c[j] = f * c[j] + i * activate(1, gate(3));
      double o = activate(0, gate(1) + p[hidden + j] * c[j]);
      next[j] = o * activate(2, c[j]);
    }
    h = next;
  }

  // Gates z, r, h.
  void stepGru(const double *x, std::vector<double> &h) {
    std::vector<double> reset(hidden), update(hidden), scaled(hidden), next(hidden);
    for (int64_t j = 0; j < hidden; ++j) {
      update[j] = activate(0, fromInput(0, j, x) + fromState(0, j, h));
      reset[j] = activate(0, fromInput(1, j, x) + fromState(1, j, h));
      scaled[j] = reset[j] * h[j];
    }
    for (int64_t j = 0; j < hidden; ++j) {
      double state =
          op.getLinearBeforeReset() ? reset[j] * fromState(2, j, h) : fromState(2, j, scaled);
      double candidate = activate(1, fromInput(2, j, x) + state);
      next[j] = (1 - update[j]) * candidate + update[j] * h[j];
    }
    h = next;
  }

  RnnOp op;
  int64_t hidden, width, gates;
  std::vector<double> w, r, b, p;
  size_t firstFn;
};
} // namespace

LogicalResult evaluate(RnnOp op, In<RnnOp> in, Evaluation &e) {
  Tensor x = in.getX(), lens = in.getLens(), h0 = in.getH0(), c0 = in.getC0();
  int64_t steps = x.shape()[0], batch = x.shape()[1], width = x.shape()[2];
  int64_t directions = in.getW().shape()[0], hidden = in.getR().shape()[2];
  std::vector<double> xs = toFloats(x);
  for (int64_t d = 0; d < directions; ++d) {
    Cell cell(op, in, d);
    bool reverse = op.getDirection() == Direction::reverse || d == 1;
    for (int64_t b = 0; b < batch; ++b) {
      int64_t state = (d * batch + b) * hidden;
      std::vector<double> h(hidden, 0.0), c(hidden, 0.0);
      for (int64_t j = 0; j < hidden; ++j) {
        h[j] = h0 ? h0.floatAt(state + j) : 0;
        c[j] = c0 ? c0.floatAt(state + j) : 0;
      }
      int64_t length = lens ? std::clamp<int64_t>(lens.intAt(b), 0, steps) : steps;
      for (int64_t s = 0; s < length; ++s) {
        // Reversal is within the sequence's own length.
        int64_t t = reverse ? length - 1 - s : s;
        cell.step(xs.data() + (t * batch + b) * width, h, c);
        for (int64_t j = 0; j < hidden; ++j)
          e.out[0].setFloat(((t * directions + d) * batch + b) * hidden + j, h[j]);
      }
      for (int64_t j = 0; j < hidden; ++j) {
        e.out[1].setFloat(state + j, h[j]);
        if (e.out.size() > 2)
          e.out[2].setFloat(state + j, c[j]);
      }
    }
  }
  return success();
}

} // namespace burin::nn::interp
