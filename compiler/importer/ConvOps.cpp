//===- ConvOps.cpp - Convolutions -----------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/ShapeMath.h"
#include "compiler/importer/Windows.h"

using namespace mlir;
using namespace burin;

/// The convolution with its bias, or null; the operator's variant is the layout.
static Value biasedConv(NodeBinder &n) {
  auto layout = static_cast<nn::Layout>(n.variant());
  Value y = buildConv(n, {n.operand(0), n.operand(1), Value(), Value(), layout});
  if (n.failed())
    return nullptr;
  return n.hasOperand(2) ? n.add(y, perChannel(n, n.operand(2), n.rank(y), layout)) : y;
}

/// Conv, and com.microsoft's NhwcConv.
static LogicalResult importConv(NodeBinder &n) {
  Value y = biasedConv(n);
  if (!y)
    return failure();
  n.setResult(0, y);
  return success();
}

/// Convolution, + residual, activation: in this order.
static LogicalResult importFusedConv(NodeBinder &n) {
  Value y = biasedConv(n);
  if (!y)
    return failure();
  if (n.hasOperand(3))
    y = n.add(y, n.operand(3));
  n.setResult(
      0, applyActivation(n, y, n.stringAttr("activation", ""), n.floatsAttr("activation_params")));
  return success();
}

/// Padding counts as x's zero point.
static LogicalResult importConvInteger(NodeBinder &n) {
  n.setResult(0, buildConv(n, {n.operand(0), n.operand(1), n.operand(2), n.operand(3)}));
  return success();
}

//===----------------------------------------------------------------------===//
// ConvTranspose
//===----------------------------------------------------------------------===//

/// What the padding of ConvTranspose follows from, along one axis.
struct TransposedAxis {
  Extent extent = 0;
  int64_t stride = 1, reach = 1, outputPadding = 0;
};

/// The padding at both ends that gives `output`, or in * stride where it is
/// not said; nullopt where only the run could tell.
static std::optional<std::pair<int64_t, int64_t>>
distributePads(const TransposedAxis &axis, std::optional<int64_t> output, bool upper) {
  int64_t total = axis.outputPadding + axis.reach - axis.stride;
  if (output) {
    if (!axis.extent.isStatic())
      return std::nullopt;
    total += axis.stride * axis.extent.value - *output;
  }
  // More outputs than the windows reach: zeros at the end. Without a wish for
  // the size the result is what the windows give.
  if (total <= 0)
    return std::pair<int64_t, int64_t>(0, output ? total : 0);
  int64_t half = total / 2;
  return upper ? std::pair(half, total - half) : std::pair(total - half, half);
}

static LogicalResult importConvTranspose(NodeBinder &n) {
  Value x = n.operand(0), w = n.operand(1);
  if (!n.requireMinRank(x, 3, "the input") || !n.requireRank(w, n.rank(x), "the weights"))
    return failure();
  size_t spatial = n.rank(x) - 2;
  auto kernel = readKernel(n, n.shape(w).drop_front(2));
  // Its own rule of auto_pad replaces that of the windows.
  std::string autoPad = n.stringAttr("auto_pad", "NOTSET");
  auto window = kernel ? readWindow(n, x, *kernel) : std::nullopt;
  if (!window)
    return failure();
  SmallVector<int64_t> extra = n.intsAttr("output_padding");
  extra.resize(extra.empty() ? spatial : extra.size(), 0);
  SmallVector<int64_t> output = n.intsAttr("output_shape");
  // Files also give the whole shape.
  if (output.size() == spatial + 2)
    output.erase(output.begin(), output.begin() + 2);
  if (extra.size() != spatial || (!output.empty() && output.size() != spatial))
    return n.emitError() << "'output_padding' and 'output_shape' must have " << spatial
                         << " entries";
  constexpr int64_t kMax = int64_t(1) << 31;
  for (int64_t entry : llvm::concat<int64_t>(extra, output))
    if (entry < 0 || entry > kMax)
      return n.emitError() << "'output_padding' or 'output_shape' has the entry " << entry;
  bool same = autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER";
  if (same || !output.empty()) {
    for (size_t i = 0; i < spatial; ++i) {
      if (ShapedType::isDynamic((*kernel)[i]))
        return n.emitError() << "its padding needs weights of known extents";
      TransposedAxis axis{n.extent(x, 2 + i), window->strides[i], window->reach(i), extra[i]};
      if (axis.extent.isStatic() && axis.extent.value > kMax)
        return n.emitError() << "the extent of spatial dimension " << i << " is too large";
      auto pads = distributePads(axis, output.empty() ? std::nullopt : std::optional(output[i]),
                                 autoPad == "SAME_UPPER");
      if (!pads)
        return n.emitError() << "'output_shape' needs an input of known extents";
      window->pads[i] = pads->first;
      window->pads[spatial + i] = pads->second;
    }
  }
  Value y = n.create<nn::ConvTransposeOp>(
      x, w, n.b.getDenseI64ArrayAttr(window->strides), n.b.getDenseI64ArrayAttr(window->dilations),
      n.b.getDenseI64ArrayAttr(window->pads), n.b.getDenseI64ArrayAttr(extra),
      n.b.getI64IntegerAttr(n.intAttr("group", 1)),
      nn::LayoutAttr::get(n.b.getContext(), nn::Layout::nchw));
  if (n.hasOperand(2))
    y = n.add(y, perChannel(n, n.operand(2), n.rank(y)));
  n.setResult(0, y);
  return success();
}

void burin::registerConvOps(OpRegistry &registry) {
  auto nchw = static_cast<int64_t>(nn::Layout::nchw), nhwc = static_cast<int64_t>(nn::Layout::nhwc);
  registry.add("Conv", 1, {2, 3}, importConv, nchw);
  registry.add("ConvInteger", 10, {2, 4}, importConvInteger);
  registry.add("ConvTranspose", 1, {2, 3}, importConvTranspose);
  StringRef microsoft = OpRegistry::kMicrosoftDomain;
  registry.addTo(microsoft, "FusedConv", 1, {2, 4}, importFusedConv, nchw);
  registry.addTo(microsoft, "NhwcConv", 1, {2, 3}, importConv, nhwc);
  registry.addTo(microsoft, "NhwcFusedConv", 1, {2, 4}, importFusedConv, nhwc);
}
