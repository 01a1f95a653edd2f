//===- Special.cpp - Reference kernels of attention, random, check --------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/interpreter/Kernels.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace burin::nn::interp {

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// Element of an optional [B] or 0-D operand.
static int64_t perBatch(const Tensor &tensor, int64_t batch, int64_t absent) {
  return !tensor ? absent : tensor.intAt(tensor.rank() == 0 || tensor.size() == 1 ? 0 : batch);
}

LogicalResult evaluate(AttentionOp op, In<AttentionOp> in, Evaluation &e) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  Tensor q = in.getQ(), k = in.getK(), v = in.getV(), mask = in.getMask(), &out = e.out[0];
  int64_t batch = q.shape()[0], heads = q.shape()[1], queries = q.shape()[2], depth = q.shape()[3];
  int64_t kvHeads = k.shape()[1], keys = k.shape()[2], width = v.shape()[3];
  double scale = op.getScale().convertToDouble(), softcap = op.getSoftcap().convertToDouble();
  int64_t left = op.getWindowLeft(), right = op.getWindowRight();
  std::vector<double> qs = toFloats(q), ks = toFloats(k), vs = toFloats(v), ms;
  bool isBoolMask = mask && mask.elementType().isInteger(1);
  Strides maskStrides(4, 0);
  if (mask) {
    ms = toFloats(mask);
    maskStrides = broadcastStrides(mask.shape(), {batch, heads, queries, keys});
  }
  std::vector<double> logits(keys), acc(width);
  for (int64_t b = 0; b < batch; ++b) {
    int64_t valid = perBatch(in.getKvLen(), b, keys), offset = perBatch(in.getOffset(), b, 0);
    for (int64_t h = 0; h < heads; ++h) {
      int64_t kv = b * kvHeads + h / (heads / kvHeads);
      for (int64_t i = 0; i < queries; ++i) {
        bool any = false;
        double largest = -inf;
        for (int64_t j = 0; j < keys; ++j) {
          int64_t distance = j - (i + offset); // > 0: in the future
          double bias = 0;
          if (mask) {
            bias = ms[b * maskStrides[0] + h * maskStrides[1] + i * maskStrides[2] +
                      j * maskStrides[3]];
            if (isBoolMask)
              bias = bias != 0 ? 0 : -inf;
          }
          if (j >= valid || (op.getCausal() && distance > 0) || (left >= 0 && -distance > left) ||
              (right >= 0 && distance > right))
            bias = -inf;
          any |= bias != -inf;
          double dot = 0;
          for (int64_t d = 0; d < depth; ++d)
            dot +=
                qs[((b * heads + h) * queries + i) * depth + d] * ks[(kv * keys + j) * depth + d];
          dot *= scale;
          if (softcap > 0)
            dot = softcap * std::tanh(dot / softcap);
          // A hidden key does not count, whatever its logit.
          logits[j] = bias == -inf ? -inf : dot + bias;
          largest = std::isnan(logits[j]) || logits[j] > largest ? logits[j] : largest;
        }
        if (!any)
          continue; // a fully masked row is 0
        double sum = 0;
        if (in.getSink()) {
          largest = std::max(largest, in.getSink().floatAt(h));
          sum = std::exp(in.getSink().floatAt(h) - largest);
        }
        std::fill(acc.begin(), acc.end(), 0.0);
        for (int64_t j = 0; j < keys; ++j) {
          double weight = std::exp(logits[j] - largest);
          sum += weight;
          // Skips 0 * Inf of hidden values.
          for (int64_t d = 0; weight != 0 && d < width; ++d)
            acc[d] += weight * vs[(kv * keys + j) * width + d];
        }
        for (int64_t d = 0; d < width; ++d)
          out.setFloat(((b * heads + h) * queries + i) * width + d, acc[d] / sum);
      }
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Random numbers
//===----------------------------------------------------------------------===//

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3").
static std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter,
                                      std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t a = uint64_t(0xD2511F53) * counter[0], b = uint64_t(0xCD9E8D57) * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

LogicalResult evaluate(RandomOp op, In<RandomOp>, Evaluation &e) {
  // The counter is the element's number and the number of the call, 0 here;
  // the first word gives 24 bits, the first two give 53 for f64.
  Tensor &out = e.out[0];
  auto seed = static_cast<uint64_t>(op.getSeed());
  for (int64_t i = 0, n = out.size(); i < n; ++i) {
    auto words = philox({static_cast<uint32_t>(i), static_cast<uint32_t>(i >> 32), 0, 0},
                        {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
    uint64_t both = (uint64_t(words[0]) << 32 | words[1]) >> 11;
    double value = out.elementType().isF64() ? both * 0x1p-53 : (words[0] >> 8) * 0x1p-24;
    // Rounding to 16 bits must not reach 1.
    if (elementBytes(out.elementType()) == 2)
      value = std::floor(value * 0x1p8) * 0x1p-8;
    out.setFloat(i, value);
  }
  return success();
}

LogicalResult evaluate(CheckOp op, In<CheckOp> in, Evaluation &e) {
  if (in.getCondition().intAt(0))
    return success();
  return e.fail(op.getMessage() + " (status " + Twine(op.getCode()) + ")");
}

} // namespace burin::nn::interp
