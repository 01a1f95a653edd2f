//===- Windows.cpp - Attributes of convolutions and pools -----------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/Windows.h"

#include "compiler/importer/ShapeMath.h"

using namespace mlir;
using namespace burin;

/// A list with one entry (or `times` ones) per spatial axis, all 1 (0) where
/// absent; entries in [lowest, 2^31].
static std::optional<SmallVector<int64_t>> readList(NodeBinder &n, StringRef name, size_t length,
                                                    int64_t otherwise, int64_t lowest) {
  auto given = n.optionalInts(name);
  if (n.failed())
    return std::nullopt;
  if (!given || given->empty())
    return SmallVector<int64_t>(length, otherwise);
  if (given->size() != length) {
    n.emitError() << "attribute '" << name << "' must have " << length << " entries, got "
                  << given->size();
    return std::nullopt;
  }
  for (int64_t entry : *given)
    if (entry < lowest || entry > int64_t(1) << 31) {
      n.emitError() << "attribute '" << name << "' has the entry " << entry;
      return std::nullopt;
    }
  return given;
}

std::optional<SmallVector<int64_t>> burin::readKernel(NodeBinder &n, ArrayRef<int64_t> weights) {
  auto given = n.optionalInts("kernel_shape");
  if (n.failed())
    return std::nullopt;
  if (!given || given->empty()) {
    if (weights.empty())
      n.emitError() << "needs the attribute 'kernel_shape'";
    return weights.empty() ? std::nullopt : std::optional(llvm::to_vector(weights));
  }
  for (int64_t entry : *given)
    if (entry < 1 || entry > int64_t(1) << 31) {
      n.emitError() << "attribute 'kernel_shape' has the entry " << entry;
      return std::nullopt;
    }
  bool differs = given->size() != weights.size();
  for (size_t i = 0; !differs && i < weights.size(); ++i)
    differs = !ShapedType::isDynamic(weights[i]) && weights[i] != (*given)[i];
  if (!weights.empty() && differs) {
    n.emitError() << "attribute 'kernel_shape' does not fit the shape of the weights";
    return std::nullopt;
  }
  return given;
}

std::optional<WindowAttrs> burin::readWindow(NodeBinder &n, Value x, ArrayRef<int64_t> kernel,
                                             nn::Layout layout) {
  if (!n.requireMinRank(x, 3, "the input"))
    return std::nullopt;
  size_t spatial = n.rank(x) - 2, first = layout == nn::Layout::nchw ? 2 : 1;
  if (kernel.size() != spatial) {
    n.emitError() << "a kernel of " << kernel.size() << " axes does not fit an input of rank "
                  << n.rank(x);
    return std::nullopt;
  }
  for (int64_t extent : kernel)
    if (extent > int64_t(1) << 31) {
      n.emitError() << "a kernel of extent " << extent << " is too large";
      return std::nullopt;
    }
  auto strides = readList(n, "strides", spatial, 1, 1);
  auto dilations = readList(n, "dilations", spatial, 1, 1);
  std::string autoPad = n.stringAttr("auto_pad", "NOTSET");
  if (!strides || !dilations || n.failed())
    return std::nullopt;
  WindowAttrs window{llvm::to_vector(kernel), *strides, *dilations,
                     SmallVector<int64_t>(2 * spatial, 0)};
  if (autoPad == "NOTSET" || autoPad.empty()) {
    auto pads = readList(n, "pads", 2 * spatial, 0, 0);
    if (!pads)
      return std::nullopt;
    window.pads = *pads;
    return window;
  }
  if (autoPad == "VALID")
    return window;
  if (autoPad != "SAME_UPPER" && autoPad != "SAME_LOWER") {
    n.emitError() << "attribute 'auto_pad' has the unknown value '" << autoPad << "'";
    return std::nullopt;
  }
  // As many outputs as strides start inside the input; an odd padding is
  // longer at the end, or at the begin under SAME_LOWER.
  ShapeMath math(n);
  SmallVector<Extent> low, high;
  bool isStatic = true;
  for (size_t i = 0; i < spatial; ++i) {
    if (ShapedType::isDynamic(kernel[i])) {
      n.emitError() << "auto_pad needs weights of known extents";
      return std::nullopt;
    }
    int64_t stride = window.strides[i], reach = window.reach(i);
    Extent total = std::max<int64_t>(reach - 1, 0);
    if (stride != 1) {
      Extent extent = n.extent(x, first + i);
      Extent count = math.div(math.add(extent, stride - 1), stride);
      Extent covered = math.add(math.mul(math.sub(count, 1), stride), reach);
      total = math.max(math.sub(covered, extent), 0);
    }
    Extent half = math.div(total, 2), rest = math.sub(total, half);
    bool upper = autoPad == "SAME_UPPER";
    low.push_back(upper ? half : rest);
    high.push_back(upper ? rest : half);
    isStatic &= total.isStatic();
  }
  if (!isStatic) {
    window.low = low;
    window.high = high;
    return window;
  }
  for (size_t i = 0; i < spatial; ++i) {
    window.pads[i] = low[i].value;
    window.pads[spatial + i] = high[i].value;
  }
  return window;
}

Value burin::padAtRun(NodeBinder &n, Value x, const WindowAttrs &window, Value value,
                      nn::Layout layout) {
  if (!window.hasDynamicPads())
    return x;
  size_t first = layout == nn::Layout::nchw ? 2 : 1;
  SmallVector<Extent> low(n.rank(x), Extent(0)), high(n.rank(x), Extent(0));
  for (size_t i = 0; i < window.low.size(); ++i) {
    low[first + i] = window.low[i];
    high[first + i] = window.high[i];
  }
  return n.create<nn::PadOp>(x, n.shapeFrom(low), n.shapeFrom(high), value);
}

Value burin::scalarIfSingle(NodeBinder &n, Value value) {
  if (n.rank(value) == 0)
    return value;
  bool single = llvm::all_of(n.shape(value), [](int64_t extent) { return extent == 1; });
  return single ? n.reshape(value, ArrayRef<int64_t>{}) : value;
}

Value burin::perChannel(NodeBinder &n, Value value, int64_t rank, nn::Layout layout) {
  value = scalarIfSingle(n, value);
  if (n.rank(value) != 1 || layout == nn::Layout::nhwc || rank <= 2)
    return value;
  SmallVector<Extent> extents = n.extents(value);
  extents.append(rank - 2, Extent(1));
  return n.reshape(value, extents);
}

Value burin::buildConv(NodeBinder &n, const ConvOperands &operands) {
  auto [x, w, xZp, wZp, layout] = operands;
  Value failedResult = x;
  if (!n.requireMinRank(x, 3, "the input") || !n.requireRank(w, n.rank(x), "the weights"))
    return failedResult;
  size_t first = layout == nn::Layout::nchw ? 2 : 1;
  auto kernel = readKernel(n, n.shape(w).slice(first, n.rank(x) - 2));
  auto window = kernel ? readWindow(n, x, *kernel, layout) : std::nullopt;
  if (!window)
    return failedResult;
  if (xZp || wZp) {
    xZp = xZp ? scalarIfSingle(n, xZp) : n.scalarLike(x, 0);
    wZp = wZp ? scalarIfSingle(n, wZp) : n.scalarLike(w, 0);
  }
  if (window->hasDynamicPads())
    x = padAtRun(n, x, *window, xZp ? xZp : n.scalarLike(x, 0), layout);
  return n.create<nn::ConvOp>(x, w, xZp, wZp, n.b.getDenseI64ArrayAttr(window->strides),
                              n.b.getDenseI64ArrayAttr(window->dilations),
                              n.b.getDenseI64ArrayAttr(window->pads),
                              n.b.getI64IntegerAttr(n.intAttr("group", 1)),
                              nn::LayoutAttr::get(n.b.getContext(), layout), TypeAttr());
}

Type burin::wideType(NNBuilder &n, Type type) {
  return type.isF16() || type.isBF16() ? Type(n.b.getF32Type()) : type;
}

Value burin::applyActivation(NodeBinder &n, Value x, StringRef activation,
                             ArrayRef<double> params) {
  auto param = [&](size_t i, double otherwise) {
    return i < params.size() ? params[i] : otherwise;
  };
  if (activation.empty() || activation == "Identity")
    return x;
  if (activation == "Relu")
    return n.unary(nn::UnaryFn::relu, x);
  if (activation == "Sigmoid")
    return n.unary(nn::UnaryFn::sigmoid, x);
  if (activation == "Tanh")
    return n.unary(nn::UnaryFn::tanh, x);
  if (activation == "LeakyRelu")
    return n.unary(nn::UnaryFn::leaky_relu, x, param(0, 0.01f));
  if (activation == "HardSigmoid")
    return n.unary(nn::UnaryFn::hard_sigmoid, x, param(0, 0.2f), param(1, 0.5f));
  if (activation == "HardSwish")
    return n.unary(nn::UnaryFn::hard_swish, x);
  if (activation == "Gelu")
    return n.unary(nn::UnaryFn::gelu, x);
  if (activation == "Clip") {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    x = n.binary(nn::BinaryFn::max, x, n.scalarLike(x, param(0, -kInf)));
    return n.binary(nn::BinaryFn::min, x, n.scalarLike(x, param(1, kInf)));
  }
  n.emitError() << "unknown activation '" << activation << "'";
  return x;
}
