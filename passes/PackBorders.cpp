//===- PackBorders.cpp - Sub-byte types cross the border packed -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Inside, a 4- or 2-bit element takes a byte. A caller passes such tensors as ONNX
// stores them: several elements in a byte, the first one in the lowest bits. So an
// argument becomes bytes that are taken apart,
//   x[p][k] = bytes[p] >> (k * width) & mask
// and a result becomes bytes that are put together,
//   bytes[p] = sum over k of x[p][k] << (k * width).
//
//===----------------------------------------------------------------------===//

#include "passes/PackBorders.h"

#include "passes/OpBuild.h"
#include "passes/Passes.h"

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

using namespace mlir;

namespace burin {
#define GEN_PASS_DEF_PACKBORDERS
#include "passes/Passes.h.inc"

namespace {

class BorderPacker {
public:
  BorderPacker(func::FuncOp function)
      : function(function), b(function.getContext()), build(b, function.getLoc()),
        byte(IntegerType::get(b.getContext(), 8, IntegerType::Unsigned)) {}

  LogicalResult run();

private:
  static bool isPacked(Type type) {
    return nn::elementBits(cast<RankedTensorType>(type).getElementType()) < 8;
  }
  LogicalResult checkStatic(Type type, DictionaryAttr attrs);
  RankedTensorType packedType(RankedTensorType type) {
    return RankedTensorType::get({(type.getNumElements() * bits(type) + 7) / 8}, byte);
  }
  static int64_t bits(RankedTensorType type) { return nn::elementBits(type.getElementType()); }
  /// [0, width, 2 * width, ...] for the elements of a byte, as [1, 8 / width].
  Value shifts(int64_t width);
  Value unpack(Value bytes, RankedTensorType type);
  Value pack(Value x);

  func::FuncOp function;
  OpBuilder b;
  OpBuild build;
  Type byte;
};

} // namespace

LogicalResult BorderPacker::checkStatic(Type type, DictionaryAttr attrs) {
  if (cast<RankedTensorType>(type).hasStaticShape())
    return success();
  auto name = attrs ? attrs.getAs<StringAttr>(nn::kNameAttr) : StringAttr();
  return function.emitError() << "\"" << (name ? name.getValue() : "")
                              << "\" has elements of less than a byte, so its dimensions must be "
                                 "fixed; give them with --dim NAME=K";
}

Value BorderPacker::shifts(int64_t width) {
  nn::Tensor steps(byte, {1, 8 / width});
  for (int64_t k = 0; k < 8 / width; ++k)
    steps.setInt(k, k * width);
  return b.create<nn::ConstantOp>(build.location(), steps.toAttr());
}

Value BorderPacker::unpack(Value bytes, RankedTensorType type) {
  int64_t width = bits(type), perByte = 8 / width;
  int64_t count = cast<RankedTensorType>(bytes.getType()).getNumElements();
  Value parts = build.binary(nn::BinaryFn::shr, build.reshape(bytes, {count, 1}), shifts(width));
  parts = build.binary(nn::BinaryFn::and_, parts, static_cast<double>((1 << width) - 1));
  Value flat = build.slice(build.reshape(parts, {count * perByte}), 0, 0, type.getNumElements());
  // The bits of floats as they are; integers extend their sign.
  bool isInteger = type.getElementType().isInteger();
  auto plain =
      IntegerType::get(b.getContext(), static_cast<unsigned>(width), IntegerType::Unsigned);
  Value elements = build.cast(flat, isInteger ? type.getElementType() : plain);
  if (!isInteger)
    elements = b.create<nn::BitcastOp>(build.location(), elements, type.getElementType());
  SmallVector<Extent> extents(type.getShape().begin(), type.getShape().end());
  return build.reshape(elements, extents);
}

Value BorderPacker::pack(Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  int64_t width = bits(type), perByte = 8 / width, size = type.getNumElements();
  int64_t count = packedType(type).getNumElements();
  if (!type.getElementType().isInteger())
    x = b.create<nn::BitcastOp>(
        build.location(), x,
        IntegerType::get(b.getContext(), static_cast<unsigned>(width), IntegerType::Unsigned));
  Value flat = build.cast(build.reshape(x, {size}), byte);
  flat = build.binary(nn::BinaryFn::and_, flat, static_cast<double>((1 << width) - 1));
  if (int64_t missing = count * perByte - size)
    flat = build.concat({flat, build.broadcastTo(build.scalar(byte, 0), {missing})}, 0);
  Value parts =
      build.binary(nn::BinaryFn::shl, build.reshape(flat, {count, perByte}), shifts(width));
  return build.reduce(nn::ReduceFn::sum, parts, {1}, /*keepdims=*/false);
}

LogicalResult BorderPacker::run() {
  auto mark = [&](Type original) { return TypeAttr::get(original); };
  Block &body = function.getBody().front();
  b.setInsertionPointToStart(&body);
  for (BlockArgument argument : body.getArguments()) {
    if (!isPacked(argument.getType()))
      continue;
    unsigned i = argument.getArgNumber();
    auto type = cast<RankedTensorType>(argument.getType());
    if (failed(checkStatic(type, function.getArgAttrDict(i))))
      return failure();
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : argument.getUses())
      uses.push_back(&use);
    argument.setType(packedType(type));
    Value elements = unpack(argument, type);
    for (OpOperand *use : uses)
      use->set(elements);
    function.setArgAttr(i, kPackedAttr, mark(type));
    function.setArgAttr(i, nn::kDimsAttr, b.getI64ArrayAttr(packedType(type).getShape()));
  }
  Operation *end = body.getTerminator();
  b.setInsertionPoint(end);
  for (OpOperand &result : end->getOpOperands()) {
    unsigned i = result.getOperandNumber();
    Type type = result.get().getType();
    if (!isPacked(type))
      continue;
    if (failed(checkStatic(type, function.getResultAttrDict(i))))
      return failure();
    result.set(pack(result.get()));
    function.setResultAttr(i, kPackedAttr, mark(type));
    function.setResultAttr(
        i, nn::kDimsAttr,
        b.getI64ArrayAttr(cast<RankedTensorType>(result.get().getType()).getShape()));
  }
  function.setType(b.getFunctionType(body.getArgumentTypes(), end->getOperandTypes()));
  return success();
}

namespace {
struct PackBorders : impl::PackBordersBase<PackBorders> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (main && failed(BorderPacker(main).run()))
      signalPassFailure();
  }
};
} // namespace

} // namespace burin
