//===- InferUtils.h - What type inference shares ----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Inference is also the verifier: it gets whatever a model says, so every
// function here checks instead of assuming and no arithmetic may overflow.
// All of them report at `loc` (silently without one) and fail.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_INFERUTILS_H
#define BURIN_DIALECTS_NN_INFERUTILS_H

#include "dialects/nn/NN.h"

#include "mlir/IR/Diagnostics.h"

namespace burin::nn::infer {

using mlir::FailureOr;
using mlir::LogicalResult;
using mlir::RankedTensorType;
using mlir::SmallVectorImpl;
using mlir::Type;
using mlir::Value;
using Loc = std::optional<mlir::Location>;
using Dims = llvm::SmallVector<int64_t>;

inline constexpr int64_t kDynamic = mlir::ShapedType::kDynamic;

// Element types.
bool isFloat(Type type);      ///< f16 bf16 f32 f64
bool isNumberInt(Type type);  ///< i8..i64, ui8..ui64
bool isNumber(Type type);     ///< isFloat or isNumberInt
bool isBool(Type type);       ///< i1
bool isSubByteInt(Type type); ///< i4 ui4 i2 ui2
bool isByte(Type type);       ///< i8 ui8
/// Any type that a tensor of the dialect may hold.
bool isElement(Type type);

/// "2x?x4"
std::string show(llvm::ArrayRef<int64_t> dims);

/// The ranked type of an operand: element type of the dialect, extents within
/// the limits.
FailureOr<RankedTensorType> operandType(Loc loc, Value value, llvm::StringRef name);
/// Same, of a certain rank, or rank at least that.
FailureOr<RankedTensorType> operandOfRank(Loc loc, Value value, llvm::StringRef name, int64_t rank);
/// A shape-like operand (1-D i64) whose number of elements must be known.
FailureOr<int64_t> shapeLength(Loc loc, Value shape, llvm::StringRef name);
/// Contents of a shape-like operand: constants, also as parts of a concat, and
/// kDynamic for other elements. A constant below `lowest` is an error.
FailureOr<Dims> shapeContents(Loc loc, Value shape, llvm::StringRef name, int64_t lowest = 0);

/// Product of the static extents; fails above kMaxElements.
FailureOr<int64_t> staticProduct(Loc loc, llvm::ArrayRef<int64_t> dims);
/// Appends a result type after checking its size.
LogicalResult result(Loc loc, llvm::ArrayRef<int64_t> dims, Type element,
                     SmallVectorImpl<Type> &results);

/// `axis` in [0, rank).
LogicalResult checkAxis(Loc loc, int64_t axis, int64_t rank);
/// Distinct, ascending axes in [0, rank).
LogicalResult checkAxes(Loc loc, llvm::ArrayRef<int64_t> axes, int64_t rank);
/// Element type test with "NAME must have ... elements, got T".
LogicalResult checkElement(Loc loc, bool ok, llvm::StringRef name, llvm::StringRef wanted,
                           Type got);
/// An element type attribute must be a legal element type.
LogicalResult checkTypeAttr(Loc loc, Type type, llvm::StringRef name);

/// What is known of two extents that must be equal; fails where they differ.
FailureOr<int64_t> unify(Loc loc, int64_t a, int64_t b, const llvm::Twine &what);
/// Numpy broadcasting, `a == 1 ? b : a` per dim (0 wins over 1).
FailureOr<Dims> broadcast(Loc loc, llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);
/// `from` must broadcast one-way to `to`; returns what is then known of `to`.
FailureOr<Dims> broadcastTo(Loc loc, llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to,
                            llvm::StringRef name);

/// Windows of conv, conv_transpose and pool: list lengths, positive strides
/// and dilations, magnitudes that keep later arithmetic small.
struct Window {
  int64_t spatial; ///< number of spatial dims
  llvm::ArrayRef<int64_t> kernel, strides, dilations, pads;
  bool negativePads = false;
};
LogicalResult checkWindow(Loc loc, const Window &window);
/// Extent of the result along spatial dim i; kDynamic where unknown.
FailureOr<int64_t> windowExtent(Loc loc, const Window &window, int64_t i, int64_t extent,
                                bool ceil = false);

} // namespace burin::nn::infer

#endif // BURIN_DIALECTS_NN_INFERUTILS_H
