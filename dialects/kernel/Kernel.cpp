//===- Kernel.cpp - The kernel dialect ------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/kernel/Kernel.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace burin::kernel;

#include "dialects/kernel/KernelDialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/kernel/KernelOps.cpp.inc"

void KernelDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/kernel/KernelOps.cpp.inc"
      >();
}

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Checks the register tile.
static LogicalResult checkTile(Operation *op, int64_t mr, int64_t nr, int64_t lanes) {
  if (mr < 1 || nr < 1 || lanes < 1 || nr % lanes != 0)
    return op->emitOpError("mr, nr and lanes must be positive, nr a multiple of lanes");
  return success();
}

/// Checks the element types: all f32, or bytes times f32 giving i32.
static LogicalResult checkTypes(Operation *op, Value x, Value w, Value result) {
  Type in = typeOf(x).getElementType(), out = typeOf(result).getElementType();
  bool floats = in.isF32() && out.isF32(), bytes = in.isInteger(8) && out.isInteger(32);
  if (!typeOf(w).getElementType().isF32() || (!floats && !bytes))
    return op->emitOpError(
        "takes f32 and gives f32, or takes bytes and gives i32; weights are f32");
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

LogicalResult GemmOp::verify() {
  RankedTensorType a = typeOf(getA()), result = typeOf(getResult());
  if (failed(checkTile(*this, getMr(), getNr(), getLanes())) ||
      failed(checkTypes(*this, getA(), getB(), getResult())))
    return failure();
  if (a.getRank() < 2 || result.getRank() != a.getRank())
    return emitOpError("a and the result must have one rank of at least 2");
  if (a.isDynamicDim(a.getRank() - 1))
    return emitOpError("K must be static");
  if (result.getShape().back() != static_cast<int64_t>(getN()))
    return emitOpError("the result must have ") << getN() << " columns";
  return checkPacked(*this, getB(),
                     {static_cast<int64_t>(llvm::divideCeil(getN(), getNr())), a.getShape().back(),
                      static_cast<int64_t>(getNr())});
}

/// Checks what conv and depthwise share; `channels` is the result's last extent.
static LogicalResult checkWindow(Operation *op, RankedTensorType x, RankedTensorType result,
                                 ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                                 ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads,
                                 int64_t channels) {
  if (x.getRank() != 4 || result.getRank() != 4)
    return op->emitOpError("x and the result must have rank 4");
  if (strides.size() != 2 || dilations.size() != 2 || pads.size() != 4)
    return op->emitOpError("needs 2 strides, 2 dilations and 4 pads");
  for (unsigned i = 1; i < 4; ++i)
    if (x.isDynamicDim(i) || result.isDynamicDim(i))
      return op->emitOpError("only the batch may be dynamic");
  if (result.getDimSize(3) != channels)
    return op->emitOpError("the result must have ") << channels << " channels";
  for (unsigned i = 0; i < 2; ++i) {
    if (strides[i] < 1 || dilations[i] < 1 || pads[i] < 0 || pads[2 + i] < 0)
      return op->emitOpError("strides and dilations must be positive, pads not negative");
    int64_t extent =
        (x.getDimSize(1 + i) + pads[i] + pads[2 + i] - ((kernel[i] - 1) * dilations[i] + 1)) /
            strides[i] +
        1;
    if (result.getDimSize(1 + i) != extent)
      return op->emitOpError("extent ") << 1 + i << " of the result must be " << extent;
  }
  return success();
}

LogicalResult ConvOp::verify() {
  RankedTensorType x = typeOf(getX()), w = typeOf(getW());
  if (w.getRank() != 5 || !w.hasStaticShape())
    return emitOpError("packed weights must be static of rank 5");
  if (failed(checkTile(*this, getMr(), getNr(), getLanes())) ||
      failed(checkTypes(*this, getX(), getW(), getResult())) ||
      failed(checkWindow(*this, x, typeOf(getResult()), w.getShape().slice(1, 2), getStrides(),
                         getDilations(), getPads(), getM())))
    return failure();
  return checkPacked(*this, getW(),
                     {static_cast<int64_t>(llvm::divideCeil(getM(), getNr())), w.getDimSize(1),
                      w.getDimSize(2), x.getDimSize(3), static_cast<int64_t>(getNr())});
}

LogicalResult DepthwiseOp::verify() {
  RankedTensorType x = typeOf(getX()), w = typeOf(getW());
  if (w.getRank() != 3 || !w.hasStaticShape() || getLanes() < 1)
    return emitOpError("weights must be static of rank 3; lanes positive");
  if (failed(checkTypes(*this, getX(), getW(), getResult())) ||
      failed(checkWindow(*this, x, typeOf(getResult()), w.getShape().take_front(2), getStrides(),
                         getDilations(), getPads(), x.getDimSize(3))))
    return failure();
  return checkPacked(*this, getW(), {w.getDimSize(0), w.getDimSize(1), x.getDimSize(3)});
}
