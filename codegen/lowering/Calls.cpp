//===- Calls.cpp - Functions of the runtime library -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// A call gets descriptors of its operands and results (burin_rt_tensor), its
// attributes as two constant arrays, and scratch memory. Descriptors are small
// and live on the stack, scratch is the caller's.
//
//===----------------------------------------------------------------------===//

#include "codegen/lowering/Families.h"
#include "dialects/nn/RuntimeCall.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace burin {

/// ONNX's number of an element type, as burin_rt_tensor has it; 0: none.
static int32_t onnxType(Type type) {
  if (type.isF32())
    return 1;
  if (type.isF64())
    return 11;
  if (type.isF16())
    return 10;
  if (type.isBF16())
    return 16;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return 0;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return 9;
  case 2:
    return isUnsigned ? 25 : 26;
  case 4:
    return isUnsigned ? 21 : 22;
  case 8:
    return isUnsigned ? 2 : 3;
  case 16:
    return isUnsigned ? 4 : 5;
  case 32:
    return isUnsigned ? 12 : 6;
  case 64:
    return isUnsigned ? 13 : 7;
  default:
    return 0;
  }
}

namespace {
class CallBuilder {
public:
  explicit CallBuilder(GroupEmitter &g, Operation *op)
      : g(g), b(g.b), op(op), pointer(LLVM::LLVMPointerType::get(b.getContext())),
        descriptor(LLVM::LLVMStructType::getLiteral(
            b.getContext(), {pointer, pointer, b.getI32Type(), b.getI32Type()})) {}

  Value i32(int64_t value) { return g.scalars.intConstant(b.getI32Type(), value); }
  Value i64(int64_t value) { return g.scalars.intConstant(b.getI64Type(), value); }

  Value stack(Type type, int64_t count) {
    return b.create<LLVM::AllocaOp>(g.loc, pointer, type, i64(std::max<int64_t>(count, 1)), 16);
  }
  Value element(Value base, Type type, int64_t position) {
    return b.create<LLVM::GEPOp>(g.loc, pointer, type, base,
                                 ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(position)});
  }
  void set(Value to, Value value) { b.create<LLVM::StoreOp>(g.loc, value, to); }

  Value pointerTo(Value memory) {
    Value address = b.create<memref::ExtractAlignedPointerAsIndexOp>(g.loc, memory);
    Value word = b.create<arith::IndexCastOp>(g.loc, b.getI64Type(), address);
    return b.create<LLVM::IntToPtrOp>(g.loc, pointer, word);
  }

  /// Descriptors of tensors; a null memory is an absent one.
  Value descriptors(ArrayRef<std::pair<Value, Value>> tensors) {
    Value base = stack(descriptor, tensors.size());
    for (auto [i, tensor] : llvm::enumerate(tensors)) {
      auto [value, memory] = tensor;
      Value at = element(base, descriptor, i);
      auto field = [&](int32_t number) -> Value {
        return b.create<LLVM::GEPOp>(g.loc, pointer, descriptor, at,
                                     ArrayRef<LLVM::GEPArg>{0, number});
      };
      if (!memory) {
        Value null = b.create<LLVM::ZeroOp>(g.loc, pointer);
        set(field(0), null);
        set(field(1), null);
        set(field(2), i32(0));
        set(field(3), i32(0));
        continue;
      }
      IndexRef extents = g.shape(value);
      Value shape = stack(b.getI64Type(), extents.size());
      for (auto [dim, extent] : llvm::enumerate(extents))
        set(element(shape, b.getI64Type(), dim),
            b.createOrFold<arith::IndexCastOp>(g.loc, b.getI64Type(), extent));
      int32_t type = onnxType(g.elementType(value));
      if (type == 0)
        g.error(op) << "the runtime library knows no elements of " << g.elementType(value);
      set(field(0), pointerTo(memory));
      set(field(1), shape);
      set(field(2), i32(extents.size()));
      set(field(3), i32(type));
    }
    return base;
  }

  void emit(const nn::RuntimeCall &call) {
    SmallVector<std::pair<Value, Value>> sources, results;
    for (Value input : call.inputs) {
      if (input && !g.inMemory(input)) {
        g.error(op) << "an operand is not in memory";
        return;
      }
      sources.push_back({input, input ? g.memoryOf(input) : Value()});
    }
    auto terminator = g.source.getBody().front().getTerminator();
    SmallVector<unsigned> written;
    for (Value result : op->getResults()) {
      Value memory;
      for (auto [i, returned] : llvm::enumerate(terminator->getOperands()))
        if (returned == result && !memory) {
          memory = g.outputMemory(i);
          written.push_back(i);
        }
      results.push_back({result, memory});
    }
    Value in = descriptors(sources), out = descriptors(results);
    Value intArray = stack(b.getI64Type(), call.ints.size());
    for (auto [i, value] : llvm::enumerate(call.ints))
      set(element(intArray, b.getI64Type(), i), i64(value));
    Value floatArray = stack(b.getF64Type(), call.floats.size());
    for (auto [i, value] : llvm::enumerate(call.floats))
      set(element(floatArray, b.getF64Type(), i), g.scalars.floatConstant(b.getF64Type(), value));
    Type word = b.getI32Type();
    Value inputCount = i32(sources.size()), outputCount = i32(results.size());
    Value scratch = pointerTo(g.scratchMemory());
    auto function = g.scalars.declare(
        ("burin_rt_" + call.callee).str(),
        b.getFunctionType({pointer, word, pointer, word, pointer, pointer, pointer}, word));
    Value status = b.create<func::CallOp>(
                        g.loc, function, TypeRange(word),
                        ValueRange{in, inputCount, out, outputCount, intArray, floatArray, scratch})
                       .getResult(0);
    g.setStatus(status);
    for (unsigned result : written)
      g.markStored(result);
  }

private:
  GroupEmitter &g;
  OpBuilder &b;
  Operation *op;
  Type pointer, descriptor;
};
} // namespace

void emitCall(GroupEmitter &g, Operation *op) {
  if (std::optional<nn::RuntimeCall> call = nn::runtimeCall(op))
    CallBuilder(g, op).emit(*call);
}

} // namespace burin
