//===- Call.cpp - Reference kernel of nn.call -----------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Calls the very C functions that generated code calls, found by their rows in
// runtime-lib/Calls.def.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/interpreter/Kernels.h"

#include "runtime-lib/burin_rt.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace burin::nn::interp {

namespace {
struct CallRow {
  burin_rt_callee callee = nullptr;
  burin_rt_scratch scratch = nullptr;
  unsigned outputs = 0;
};
} // namespace

static CallRow findRow(StringRef name) {
  return llvm::StringSwitch<CallRow>(name)
#define BURIN_RT_CALL(name, outputs, ints, floats, doc)                                            \
  .Case(#name, {burin_rt_##name, burin_rt_##name##_scratch, outputs})
#include "runtime-lib/Calls.def"
      .Default({});
}

/// ONNX's number of an element type; 0 for types that no call takes.
static int32_t typeNumber(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    bool isUnsigned = integer.isUnsigned();
    switch (integer.getWidth()) {
    case 1:
      return BURIN_RT_BOOL;
    case 2:
      return isUnsigned ? BURIN_RT_U2 : BURIN_RT_I2;
    case 4:
      return isUnsigned ? BURIN_RT_U4 : BURIN_RT_I4;
    case 8:
      return isUnsigned ? BURIN_RT_U8 : BURIN_RT_I8;
    case 16:
      return isUnsigned ? BURIN_RT_U16 : BURIN_RT_I16;
    case 32:
      return isUnsigned ? BURIN_RT_U32 : BURIN_RT_I32;
    case 64:
      return isUnsigned ? BURIN_RT_U64 : BURIN_RT_I64;
    default:
      return 0;
    }
  }
  return type.isF32()    ? BURIN_RT_F32
         : type.isF64()  ? BURIN_RT_F64
         : type.isF16()  ? BURIN_RT_F16
         : type.isBF16() ? BURIN_RT_BF16
                         : 0;
}

static burin_rt_tensor describe(const Tensor &tensor) {
  return {const_cast<char *>(tensor.data()), tensor.shape().data(),
          static_cast<int32_t>(tensor.rank()), typeNumber(tensor.elementType())};
}

LogicalResult evaluate(CallOp op, In<CallOp> in, Evaluation &e) {
  CallRow row = findRow(op.getCallee());
  if (!row.callee)
    return e.fail("runtime-lib has no function '" + op.getCallee() + "'");
  if (e.out.size() > row.outputs)
    return e.fail("'" + op.getCallee() + "' has at most " + Twine(row.outputs) + " results");
  ArrayRef<Tensor> xs = in.getXs();
  // Absent operands keep their place, without data.
  SmallVector<bool> present(op.getPresent());
  if (present.empty())
    present.assign(xs.size(), true);
  SmallVector<burin_rt_tensor> inputs, outputs;
  for (bool given : present) {
    inputs.push_back(given ? describe(xs.front()) : burin_rt_tensor{nullptr, nullptr, 0, 0});
    xs = xs.drop_front(given);
  }
  for (const Tensor &tensor : e.out)
    outputs.push_back(describe(tensor));
  for (const burin_rt_tensor &tensor : llvm::concat<burin_rt_tensor>(inputs, outputs))
    if (tensor.data && tensor.type == 0)
      return e.fail("'" + op.getCallee() + "' does not know this element type");

  int64_t bytes = row.scratch(inputs.data(), inputs.size(), op.getInts().data());
  if (bytes < 0 || bytes > e.limits.maxElements)
    return e.fail("'" + op.getCallee() + "' needs too much scratch memory");
  // Aligned to 16 as the contract says.
  std::vector<std::max_align_t> scratch(llvm::divideCeil(bytes, sizeof(std::max_align_t)) + 1);
  static_assert(alignof(std::max_align_t) >= 16);
  int32_t status = row.callee(inputs.data(), inputs.size(), outputs.data(), outputs.size(),
                              op.getInts().data(), op.getFloats().data(), scratch.data());
  switch (status) {
  case BURIN_RT_OK:
    return success();
  case BURIN_RT_BAD_SHAPE:
    return e.fail("operands of '" + op.getCallee() + "' do not fit together");
  default:
    return e.fail("'" + op.getCallee() + "' stopped with status " + Twine(status));
  }
}

} // namespace burin::nn::interp
