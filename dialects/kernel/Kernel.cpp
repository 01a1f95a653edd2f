//===- Kernel.cpp - The kernel dialect ------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/kernel/Kernel.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace burin::kernel;

#include "dialects/kernel/KernelDialect.cpp.inc"
#include "dialects/kernel/KernelEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/kernel/KernelAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/kernel/KernelOps.cpp.inc"

void KernelDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/kernel/KernelOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/kernel/KernelAttrs.cpp.inc"
      >();
}

int64_t burin::kernel::productsPerLane(Dot dot) {
  switch (dot) {
  case Dot::plain:
    return 1;
  case Dot::pairs:
    return 2;
  case Dot::u8s8:
  case Dot::s8s8:
  case Dot::halves:
    return 4;
  case Dot::blocks:
    return 8;
  case Dot::across:
    return 16;
  }
  llvm_unreachable("every case returns");
}

bool burin::kernel::flipsSign(Dot dot, Type x) {
  bool isUnsigned = getElementTypeOrSelf(x).isUnsignedInteger();
  bool takesSigned = dot == Dot::s8s8 || dot == Dot::blocks || dot == Dot::across;
  return (dot == Dot::u8s8 && !isUnsigned) || (takesSigned && isUnsigned);
}

int64_t burin::kernel::leftOffset(Dot dot, Type x, int64_t xZero) {
  if (!flipsSign(dot, x))
    return xZero;
  return dot == Dot::u8s8 ? xZero + 128 : xZero - 128;
}

int64_t burin::kernel::panelSize(Dot dot, int64_t nr, int64_t runs, int64_t depth, int64_t sums,
                                 int64_t elementBytes) {
  int64_t g = productsPerLane(dot);
  int64_t elements = runs * static_cast<int64_t>(llvm::divideCeil(depth, g)) * g * nr;
  if (elementBytes > 2)
    return elements;
  int64_t bytes = elements * elementBytes + 4 * sums * nr;
  return static_cast<int64_t>(llvm::alignTo(bytes, 4)) / elementBytes;
}

int64_t burin::kernel::sumTaps(Dot dot, int64_t taps, int64_t channels, bool joined) {
  return joined && channels % productsPerLane(dot) != 0 ? 1 : taps;
}

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Checks the register tile.
static LogicalResult checkTile(Operation *op, int64_t mr, int64_t nr, int64_t lanes) {
  if (mr < 1 || nr < 1 || lanes < 1 || nr % lanes != 0)
    return op->emitOpError("mr, nr and lanes must be positive, nr a multiple of lanes");
  return success();
}

/// Checks how f32 products are added up.
static LogicalResult checkParts(Operation *op, int64_t part, bool inF64, Value x) {
  if (part < 0 || (part > 0 && !typeOf(x).getElementType().isF32()) || (inF64 && part == 0))
    return op->emitOpError("only f32 products have parts, and only parts are added in f64");
  return success();
}

/// Checks the element types: all f32, or bytes times small integers giving i32.
static LogicalResult checkTypes(Operation *op, Value x, Value w, Value result) {
  Type in = typeOf(x).getElementType(), by = typeOf(w).getElementType(),
       out = typeOf(result).getElementType();
  bool floats = in.isF32() && by.isF32() && out.isF32();
  bool bytes =
      in.isInteger(8) && (by.isInteger(8) || by.isSignlessInteger(16)) && out.isInteger(32);
  if (!floats && !bytes)
    return op->emitOpError(
        "takes f32 and gives f32, or takes bytes and weights of 8 or 16 bits and gives i32");
  return success();
}

/// Checks that `dot` fits the element types and has its intrinsic.
static LogicalResult checkDot(Operation *op, Dot dot, std::optional<StringRef> intrinsic, Value x,
                              Value w) {
  if (dot == Dot::plain)
    return success();
  if (dot == Dot::across)
    intrinsic = "llvm.vector.reduce.add";
  if (!typeOf(x).getElementType().isInteger(8) || !typeOf(w).getElementType().isSignlessInteger(8))
    return op->emitOpError("dot products need bytes and weights of type i8");
  if (!intrinsic)
    return op->emitOpError("dot products need their intrinsic");
  return success();
}

/// Checks the packed weights' shape.
static LogicalResult checkPacked(Operation *op, Value packed, ArrayRef<int64_t> expected) {
  if (typeOf(packed).getShape() == expected)
    return success();
  auto error = op->emitOpError("packed weights must be [");
  llvm::interleaveComma(expected, error);
  return error << "], got " << packed.getType();
}

static int64_t bytesOf(Value weights) {
  return typeOf(weights).getElementType().getIntOrFloatBitWidth() / 8;
}

LogicalResult GemmOp::verify() {
  RankedTensorType a = typeOf(getA()), result = typeOf(getResult());
  auto nr = static_cast<int64_t>(getNr());
  if (failed(checkTile(*this, getMr(), nr, getLanes())) ||
      failed(checkTypes(*this, getA(), getB(), getResult())) ||
      failed(checkParts(*this, getPart(), getInF64(), getA())) ||
      failed(checkDot(*this, getDot(), getIntrinsic(), getA(), getB())))
    return failure();
  if (a.getRank() < 2 || result.getRank() != a.getRank())
    return emitOpError("a and the result must have one rank of at least 2");
  if (a.isDynamicDim(a.getRank() - 1))
    return emitOpError("K must be static");
  if (result.getShape().back() != static_cast<int64_t>(getN()))
    return emitOpError("the result must have ") << getN() << " columns";
  bool sums = leftOffset(getDot(), a, getXZero()) != 0;
  return checkPacked(*this, getB(),
                     {static_cast<int64_t>(llvm::divideCeil(getN(), nr)),
                      panelSize(getDot(), nr, 1, a.getShape().back(), sums, bytesOf(getB()))});
}

/// Checks what conv and depthwise share; `channels` is the result's last extent.
static LogicalResult checkWindow(Operation *op, RankedTensorType x, RankedTensorType result,
                                 ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                                 ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads,
                                 int64_t channels) {
  int64_t rank = x.getRank();
  if ((rank != 3 && rank != 4) || result.getRank() != rank)
    return op->emitOpError("x and the result must have one rank, 3 or 4");
  if (kernel.size() != 2 || strides.size() != 2 || dilations.size() != 2 || pads.size() != 4)
    return op->emitOpError("needs a kernel of 2 extents, 2 strides, 2 dilations and 4 pads");
  for (unsigned i = 1; i < rank; ++i)
    if (x.isDynamicDim(i) || result.isDynamicDim(i))
      return op->emitOpError("only the batch may be dynamic");
  if (result.getShape().back() != channels)
    return op->emitOpError("the result must have ") << channels << " channels";
  for (unsigned i = 0; i < 2; ++i) {
    if (kernel[i] < 1 || strides[i] < 1 || dilations[i] < 1 || pads[i] < 0 || pads[2 + i] < 0)
      return op->emitOpError("kernel, strides and dilations must be positive, pads not negative");
    if (rank == 3 && i == 0) {
      if (kernel[0] != 1 || strides[0] != 1 || pads[0] != 0 || pads[2] != 0)
        return op->emitOpError("without rows the kernel has one row, stride 1 and no pads");
      continue;
    }
    int64_t axis = rank - 3 + i;
    int64_t extent =
        (x.getDimSize(axis) + pads[i] + pads[2 + i] - ((kernel[i] - 1) * dilations[i] + 1)) /
            strides[i] +
        1;
    if (result.getDimSize(axis) != extent)
      return op->emitOpError("extent ") << axis << " of the result must be " << extent;
  }
  return success();
}

LogicalResult ConvOp::verify() {
  RankedTensorType x = typeOf(getX());
  auto nr = static_cast<int64_t>(getNr());
  if (failed(checkTile(*this, getMr(), nr, getLanes())) ||
      failed(checkTypes(*this, getX(), getW(), getResult())) ||
      failed(checkParts(*this, getPart(), getInF64(), getX())) ||
      failed(checkDot(*this, getDot(), getIntrinsic(), getX(), getW())) ||
      failed(checkWindow(*this, x, typeOf(getResult()), getKernel(), getStrides(), getDilations(),
                         getPads(), getM())))
    return failure();
  int64_t kh = getKernel()[0], kw = getKernel()[1], c = x.getShape().back();
  bool dilated = getDilations()[1] != 1, offset = leftOffset(getDot(), x, getXZero()) != 0;
  int64_t sums = offset ? kh * sumTaps(getDot(), kw, c, !dilated) : 0;
  return checkPacked(*this, getW(),
                     {static_cast<int64_t>(llvm::divideCeil(getM(), nr)),
                      panelSize(getDot(), nr, dilated ? kh * kw : kh, dilated ? c : kw * c, sums,
                                bytesOf(getW()))});
}

LogicalResult DepthwiseOp::verify() {
  RankedTensorType x = typeOf(getX()), w = typeOf(getW());
  if (w.getRank() != 3 || !w.hasStaticShape() || getLanes() < 1)
    return emitOpError("weights must be static of rank 3; lanes positive");
  if (failed(checkTypes(*this, getX(), getW(), getResult())) ||
      failed(checkWindow(*this, x, typeOf(getResult()), w.getShape().take_front(2), getStrides(),
                         getDilations(), getPads(), x.getShape().back())))
    return failure();
  return checkPacked(*this, getW(), {w.getDimSize(0), w.getDimSize(1), x.getShape().back()});
}
