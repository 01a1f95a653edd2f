//===- DeviceGroups.cpp - Which groups run on the GPU ---------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/gpu/DeviceGroups.h"
#include "dialects/nn/Groups.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/RuntimeCall.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace burin {

static DeviceBuffer describe(RankedTensorType type, ArrayRef<std::string> dims,
                             ArrayRef<std::string> symbols) {
  DeviceBuffer buffer;
  buffer.elementBytes = nn::storageType(type.getElementType()).getIntOrFloatBitWidth() / 8;
  buffer.bytes = buffer.elementBytes;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (!type.isDynamicDim(i)) {
      buffer.bytes *= type.getDimSize(i);
      continue;
    }
    const auto *known = llvm::find(symbols, dims[i]);
    if (known == symbols.end() || dims[i].empty())
      buffer.isUnbounded = true;
    else
      buffer.symbols.push_back(known - symbols.begin());
  }
  return buffer;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Unknown extents count as large.
static int64_t extent(RankedTensorType type, int64_t dim) {
  return type.isDynamicDim(dim) ? int64_t(1) << 20 : type.getDimSize(dim);
}

static int64_t elementsOf(RankedTensorType type, ArrayRef<int64_t> dims) {
  int64_t count = 1;
  for (int64_t dim : dims)
    count = std::min<int64_t>(count * extent(type, dim), int64_t(1) << 40);
  return count;
}

/// A row keeps a block busy, and its threads read neighbours.
static bool isLongRow(Value x, ArrayRef<int64_t> axes) {
  constexpr int64_t kLongRow = 128;
  auto type = cast<RankedTensorType>(x.getType());
  return llvm::is_contained(axes, type.getRank() - 1) && elementsOf(type, axes) >= kLongRow;
}

/// Smaller products would leave most of a tile empty.
static constexpr int64_t kTiledExtent = 16;

static bool isTiled(nn::MatMulOp op) {
  auto a = cast<RankedTensorType>(op.getA().getType());
  auto result = cast<RankedTensorType>(op.getResult().getType());
  int64_t rank = result.getRank();
  return extent(result, rank - 2) >= kTiledExtent && extent(result, rank - 1) >= kTiledExtent &&
         extent(a, a.getRank() - (op.getTa() ? 2 : 1)) >= kTiledExtent;
}

/// As a product: pixels by channels of a group, over channels and taps.
static bool isTiled(nn::ConvOp op) {
  auto w = cast<RankedTensorType>(op.getW().getType());
  auto result = cast<RankedTensorType>(op.getResult().getType());
  int64_t channels = op.getLayout() == nn::Layout::nhwc ? result.getRank() - 1 : 1;
  SmallVector<int64_t> pixels, folded;
  for (int64_t dim = 0; dim < result.getRank(); ++dim)
    if (dim != channels)
      pixels.push_back(dim);
  for (int64_t dim = 1; dim < w.getRank(); ++dim)
    folded.push_back(dim);
  return extent(w, 0) / op.getGroup() >= kTiledExtent &&
         elementsOf(result, pixels) >= kTiledExtent && elementsOf(w, folded) >= kTiledExtent;
}

/// An element that looks for a few updates alone does so at once.
static bool hasManyUpdates(nn::ScatterOp op) {
  constexpr int64_t kFewUpdates = 16;
  auto idx = cast<RankedTensorType>(op.getIdx().getType());
  return elementsOf(idx, llvm::to_vector(llvm::seq<int64_t>(0, idx.getRank()))) > kFewUpdates;
}

static KernelShape shapeOf(func::FuncOp group) {
  KernelShape shape = KernelShape::Elements;
  for (Operation &op : group.getBody().front())
    TypeSwitch<Operation *>(&op)
        .Case([&](nn::MatMulOp root) { shape = isTiled(root) ? KernelShape::Tiles : shape; })
        .Case([&](nn::ConvOp root) { shape = isTiled(root) ? KernelShape::Tiles : shape; })
        .Case([&](nn::ScatterOp root) { shape = hasManyUpdates(root) ? KernelShape::Runs : shape; })
        .Case<nn::SoftmaxOp, nn::NormalizeOp>([&](auto root) {
          shape = isLongRow(root.getX(), root.getAxes()) ? KernelShape::Rows : shape;
        })
        .Case([&](nn::ReduceOp root) {
          shape = isLongRow(root.getX(), root.getAxes()) ? KernelShape::Rows : shape;
        });
  return shape;
}

std::vector<DeviceGroup> chooseDeviceGroups(ModuleOp module) {
  std::vector<DeviceGroup> groups;
  for (func::FuncOp group : module.getOps<func::FuncOp>()) {
    if (!group->hasAttr(nn::kGroupAttr))
      continue;
    DeviceGroup &info = groups.emplace_back();
    info.name = group.getName().str();
    SmallVector<std::string> symbols = nn::groupSymbols(group);
    info.symbols = symbols.size();
    for (auto [i, type] : llvm::enumerate(group.getArgumentTypes()))
      info.inputs.push_back(describe(cast<RankedTensorType>(type), nn::argDims(group, i), symbols));
    for (auto [i, type] : llvm::enumerate(group.getResultTypes()))
      info.results.push_back(
          describe(cast<RankedTensorType>(type), nn::resultDims(group, i), symbols));
    if (auto call = nn::runtimeCallOf(group)) {
      info.hasScratch = true;
      info.hostReason = ("calls " + call->callee + " of the runtime library").str();
    }
    if (!info.isKernel())
      continue;
    info.shape = shapeOf(group);
    group->setAttr(kKernelAttr, IntegerAttr::get(IntegerType::get(group.getContext(), 32),
                                                 static_cast<int>(info.shape)));
  }
  return groups;
}

} // namespace burin
