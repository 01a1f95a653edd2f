//===- PackWeights.cpp - Weights in the order that a kernel reads ---------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/PackWeights.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using burin::kernel::Dot;

namespace burin {

IntegerWeights::IntegerWeights(const nn::Tensor &from, const WeightOrder &order,
                               ArrayRef<int64_t> zeros)
    : data(from.size()) {
  int64_t perColumn = order.rows * order.taps * order.depth;
  auto fill = [&](auto source) {
    for (int64_t column = 0; column < order.columns; ++column) {
      int64_t zero = zeros.size() == 1 ? zeros[0] : zeros[column], magnitude = 0;
      for (int64_t i = 0; i < perColumn; ++i) {
        int64_t at = column * order.columnStride + i * order.depthStride;
        int64_t value = source[at] - zero;
        data[at] = static_cast<int16_t>(value);
        fits &= llvm::isInt<8>(value);
        magnitude += std::abs(value) * 255;
      }
      exactInFloat &= magnitude < (int64_t(1) << 24);
    }
  };
  if (from.elementType().isUnsignedInteger())
    fill(from.as<uint8_t>());
  else
    fill(from.as<int8_t>());
}

/// One panel of weights, `g` elements of a column side by side; `joined` rows of
/// the kernel are one run.
template <typename From, typename To>
static To *packPanel(const From *from, const WeightOrder &order, int64_t first, int64_t nr,
                     int64_t g, bool joined, To *to) {
  int64_t runs = joined ? order.rows : order.rows * order.taps;
  int64_t depth = joined ? order.taps * order.depth : order.depth;
  for (int64_t run = 0; run < runs; ++run)
    for (int64_t group = 0; group < depth; group += g)
      for (int64_t column = first; column < first + nr; ++column) {
        const From *source =
            from + column * order.columnStride + (run * depth + group) * order.depthStride;
        for (int64_t i = 0; i < g; ++i, ++to)
          if (column < order.columns && group + i < depth)
            *to = static_cast<To>(source[i * order.depthStride]);
      }
  return to;
}

/// For each tap of each row, or only its last with `stored` 1, and each column the
/// sum of -offset * w over all taps up to it in this row and those above: i32,
/// little-endian like all targets.
static char *packSums(ArrayRef<int16_t> from, const WeightOrder &order, int64_t first, int64_t nr,
                      int64_t offset, int64_t stored, char *to) {
  std::vector<int64_t> above(order.taps * nr);
  for (int64_t row = 0; row < order.rows; ++row) {
    std::vector<int64_t> sums(nr);
    for (int64_t tap = 0; tap < order.taps; ++tap)
      for (int64_t column = 0; column < nr; ++column) {
        if (first + column < order.columns)
          for (int64_t i = 0; i < order.depth; ++i)
            sums[column] -=
                offset * from[(first + column) * order.columnStride +
                              ((row * order.taps + tap) * order.depth + i) * order.depthStride];
        int64_t &sum = above[tap * nr + column];
        sum += sums[column];
        if (tap < order.taps - stored)
          continue;
        llvm::support::endian::write32le(to, static_cast<uint32_t>(sum));
        to += 4;
      }
  }
  return to;
}

nn::Tensor packFloats(const nn::Tensor &from, const WeightOrder &order, int64_t nr) {
  int64_t panels = llvm::divideCeil(order.columns, nr);
  nn::Tensor result(from.elementType(), {panels, order.rows * order.taps * order.depth * nr});
  float *to = result.mutableAs<float>();
  for (int64_t panel = 0; panel < panels; ++panel)
    to = packPanel(from.as<float>(), order, panel * nr, nr, 1, true, to);
  return result;
}

nn::Tensor packIntegers(MLIRContext *context, const IntegerWeights &from, const WeightOrder &order,
                        int64_t nr, Dot dot, bool joined, int64_t offset) {
  int64_t panels = llvm::divideCeil(order.columns, nr), bytes = from.fitsByte() ? 1 : 2;
  int64_t stored = kernel::sumTaps(dot, order.taps, order.depth, joined);
  int64_t size = kernel::panelSize(dot, nr, joined ? order.rows : order.rows * order.taps,
                                   joined ? order.taps * order.depth : order.depth,
                                   offset != 0 ? order.rows * stored : 0, bytes);
  nn::Tensor result(IntegerType::get(context, bytes * 8), {panels, size});
  for (int64_t panel = 0; panel < panels; ++panel) {
    char *to = result.mutableData() + panel * size * bytes;
    if (offset != 0)
      to = packSums(from.values(), order, panel * nr, nr, offset, stored, to);
    int64_t g = kernel::productsPerLane(dot);
    if (from.fitsByte())
      packPanel(from.values().data(), order, panel * nr, nr, g, joined,
                reinterpret_cast<int8_t *>(to));
    else
      packPanel(from.values().data(), order, panel * nr, nr, g, joined,
                reinterpret_cast<int16_t *>(to));
  }
  return result;
}

template <typename From, typename To>
static void transpose(const From *from, int64_t channels, int64_t taps, To *to) {
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t channel = 0; channel < channels; ++channel)
      *to++ = static_cast<To>(from[channel * taps + tap]);
}

nn::Tensor transposeFloats(const nn::Tensor &from, int64_t channels, ArrayRef<int64_t> shape) {
  nn::Tensor result(from.elementType(), shape);
  transpose(from.as<float>(), channels, from.size() / channels, result.mutableAs<float>());
  return result;
}

nn::Tensor transposeIntegers(MLIRContext *context, const IntegerWeights &from, int64_t channels,
                             ArrayRef<int64_t> shape) {
  int64_t taps = static_cast<int64_t>(from.values().size()) / channels;
  nn::Tensor result(IntegerType::get(context, from.fitsByte() ? 8 : 16), shape);
  if (from.fitsByte())
    transpose(from.values().data(), channels, taps, result.mutableAs<int8_t>());
  else
    transpose(from.values().data(), channels, taps, result.mutableAs<int16_t>());
  return result;
}

} // namespace burin
