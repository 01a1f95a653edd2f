//===- Kernels.h - What the kernels of the interpreter share ----*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Internal to the interpreter. A kernel finds its results allocated, zero and
// of the inferred static types in `Evaluation::out`, and fills them; operand
// shapes are already checked by inference. Kernels convert whole operands to
// double or int64_t once and then work on plain vectors.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_INTERPRETER_KERNELS_H
#define BURIN_DIALECTS_NN_INTERPRETER_KERNELS_H

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Interpreter.h"

#include <array>

namespace burin::nn::interp {

/// One evaluation of one op.
struct Evaluation {
  mlir::Operation *op;
  const EvalLimits &limits;
  bool quiet; ///< fail without a diagnostic
  llvm::SmallVector<Tensor> out;

  llvm::LogicalResult fail(const llvm::Twine &message) const {
    if (!quiet)
      op->emitError(message);
    return llvm::failure();
  }
};

/// Operands of an op by their names; absent ones are false.
template <typename OpTy> using In = typename OpTy::template GenericAdaptor<llvm::ArrayRef<Tensor>>;

#define NN_KERNEL(OpTy) llvm::LogicalResult evaluate(OpTy op, In<OpTy> in, Evaluation &e);
// Elementwise
NN_KERNEL(UnaryOp)
NN_KERNEL(BinaryOp)
NN_KERNEL(CompareOp)
NN_KERNEL(SelectOp)
NN_KERNEL(CastOp)
NN_KERNEL(BitcastOp)
NN_KERNEL(QuantizeOp)
NN_KERNEL(DequantizeOp)
NN_KERNEL(RequantizeOp)
// Movement
NN_KERNEL(ConstantOp)
NN_KERNEL(ReshapeOp)
NN_KERNEL(TransposeOp)
NN_KERNEL(BroadcastToOp)
NN_KERNEL(SliceOp)
NN_KERNEL(ConcatOp)
NN_KERNEL(PadOp)
NN_KERNEL(GatherOp)
NN_KERNEL(ScatterOp)
NN_KERNEL(IotaOp)
NN_KERNEL(ShapeOfOp)
// Reduction
NN_KERNEL(ReduceOp)
NN_KERNEL(ArgReduceOp)
NN_KERNEL(CumulateOp)
NN_KERNEL(TopKOp)
NN_KERNEL(SoftmaxOp)
NN_KERNEL(NormalizeOp)
// Contraction
NN_KERNEL(MatMulOp)
NN_KERNEL(ConvOp)
NN_KERNEL(ConvTransposeOp)
NN_KERNEL(PoolOp)
NN_KERNEL(ResampleOp)
// Special
NN_KERNEL(AttentionOp)
NN_KERNEL(RnnOp)
NN_KERNEL(RandomOp)
NN_KERNEL(CheckOp)
NN_KERNEL(CallOp)
#undef NN_KERNEL

/// Evaluates one nn op; `maxElements` < 0 means `limits`. See evaluateOp.
llvm::FailureOr<llvm::SmallVector<Tensor>> evaluate(mlir::Operation *op,
                                                    llvm::ArrayRef<Tensor> operands,
                                                    const EvalLimits &limits, bool quiet);

inline bool isFloat(const Tensor &tensor) {
  return llvm::isa<mlir::FloatType, F4E2M1Type, F8E8M0Type>(tensor.elementType());
}

/// All elements as doubles or as 64-bit integers, and back (see Tensor).
std::vector<double> toFloats(const Tensor &tensor);
std::vector<int64_t> toInts(const Tensor &tensor);
void storeFloats(Tensor &tensor, llvm::ArrayRef<double> values);
void storeInts(Tensor &tensor, llvm::ArrayRef<int64_t> values);

/// Product of extents.
int64_t product(llvm::ArrayRef<int64_t> shape);

using Strides = llvm::SmallVector<int64_t, 6>;

/// Strides that read a row-major tensor of `shape` as if broadcast to `to`.
Strides broadcastStrides(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> to);
/// Row-major strides of what is left of `shape` without `axes`; 0 on `axes`.
/// They map an element to its place in a reduced tensor.
Strides reducedStrides(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> axes);

/// Calls fn(i, offsets) for every index of `shape` in row-major order, where
/// offsets[k] is the index's dot product with strides[k].
template <size_t N, typename Fn>
void walk(llvm::ArrayRef<int64_t> shape, const std::array<Strides, N> &strides, Fn fn) {
  Strides index(shape.size(), 0);
  std::array<int64_t, N> at{};
  for (int64_t i = 0, e = product(shape); i < e; ++i) {
    fn(i, at);
    for (size_t d = shape.size(); d-- > 0;) {
      for (size_t k = 0; k < N; ++k)
        at[k] += strides[k][d];
      if (++index[d] < shape[d])
        break;
      for (size_t k = 0; k < N; ++k)
        at[k] -= strides[k][d] * shape[d];
      index[d] = 0;
    }
  }
}

} // namespace burin::nn::interp

#endif // BURIN_DIALECTS_NN_INTERPRETER_KERNELS_H
