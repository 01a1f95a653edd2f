//===- NNBuilder.h - Makes nn ops from what users wrote ---------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Short names for the ops that decompositions use all the time. Every op is
// checked when it is made and folded at once where its operands are small
// constants. Where types do not fit, the error is reported at the node, the
// builder counts as failed, and the op gets a stand-in type, so that a
// decomposition runs to its end without testing every step: what it built is
// thrown away. Nothing here aborts.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_NNBUILDER_H
#define BURIN_COMPILER_IMPORTER_NNBUILDER_H

#include "dialects/nn/NN.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"

namespace burin {

/// The extent of one dimension: a number, or an i64 tensor of shape [1].
struct Extent {
  int64_t value = mlir::ShapedType::kDynamic;
  mlir::Value dynamic;

  Extent(int64_t value) : value(value) {}
  Extent(mlir::Value dynamic) : dynamic(dynamic) {}
  bool isStatic() const { return !dynamic; }
};

/// A message about a node, or one that is dropped because the node failed before.
class NodeDiagnostic {
public:
  NodeDiagnostic() = default;
  explicit NodeDiagnostic(mlir::InFlightDiagnostic &&message) : message(std::move(message)) {}

  template <typename T> NodeDiagnostic &operator<<(T &&part) & {
    if (message)
      *message << std::forward<T>(part);
    return *this;
  }
  template <typename T> NodeDiagnostic &&operator<<(T &&part) && {
    return std::move(*this << std::forward<T>(part));
  }
  operator llvm::LogicalResult() const { return mlir::failure(); }
  template <typename T> operator llvm::FailureOr<T>() const { return mlir::failure(); }

private:
  std::optional<mlir::InFlightDiagnostic> message;
};

class NNBuilder {
public:
  NNBuilder(mlir::OpBuilder &b, mlir::Location loc) : b(b), loc(loc) {}

  mlir::OpBuilder &b;
  mlir::Location loc;

  /// Reports a problem of this node, which counts as failed from then on; only
  /// the first one is shown.
  NodeDiagnostic emitError();
  mlir::LogicalResult emitError(const llvm::Twine &message) { return emitError() << message; }
  mlir::InFlightDiagnostic emitWarning();
  bool failed() const { return hasFailed; }
  /// Fails without a message, where the cause was reported already.
  void fail() { hasFailed = true; }

  /// Makes an nn op from its operands and attributes in the order of its
  /// definition, without result types. Gives a Value for an op with one
  /// result, else a SmallVector<Value>.
  template <typename OpTy, typename... Args> auto create(Args &&...args) {
    mlir::OperationState state(loc, OpTy::getOperationName());
    if constexpr (OpTy::template hasTrait<mlir::OpTrait::ZeroResults>()) {
      OpTy::build(b, state, std::forward<Args>(args)...);
      finish(state, nullptr);
    } else {
      llvm::SmallVector<mlir::Type> placeholders(resultCount<OpTy>(), b.getNoneType());
      OpTy::build(b, state, mlir::TypeRange(placeholders), std::forward<Args>(args)...);
      llvm::SmallVector<mlir::Value> results = finish(state, &OpTy::inferReturnTypes);
      if constexpr (OpTy::template hasTrait<mlir::OpTrait::OneResult>())
        return results.front();
      else
        return results;
    }
  }

  // Constants.
  mlir::Value constant(mlir::ElementsAttr value);
  /// 1-D i64.
  mlir::Value ints(llvm::ArrayRef<int64_t> values);
  /// 1-D of any number type; floats round to nearest even.
  mlir::Value numbers(mlir::Type elementType, llvm::ArrayRef<double> values);
  /// 0-D i64.
  mlir::Value index(int64_t value);
  /// 0-D of any number type; floats round to nearest even.
  mlir::Value scalar(mlir::Type elementType, double value);
  /// 0-D of x's element type.
  mlir::Value scalarLike(mlir::Value x, double value);

  // Types. A value that is no ranked tensor has rank 0 here, and an axis
  // outside of the shape an unknown extent.
  static mlir::Type elementType(mlir::Value x);
  static int64_t rank(mlir::Value x);
  static llvm::ArrayRef<int64_t> shape(mlir::Value x);
  static int64_t dim(mlir::Value x, int64_t axis);
  static bool isFloat(mlir::Value x); ///< f64, f32, f16 or bf16

  // Elementwise.
  mlir::Value unary(nn::UnaryFn fn, mlir::Value x, double alpha = 0, double beta = 0);
  mlir::Value binary(nn::BinaryFn fn, mlir::Value lhs, mlir::Value rhs);
  mlir::Value add(mlir::Value l, mlir::Value r) { return binary(nn::BinaryFn::add, l, r); }
  mlir::Value sub(mlir::Value l, mlir::Value r) { return binary(nn::BinaryFn::sub, l, r); }
  mlir::Value mul(mlir::Value l, mlir::Value r) { return binary(nn::BinaryFn::mul, l, r); }
  mlir::Value div(mlir::Value l, mlir::Value r) { return binary(nn::BinaryFn::div, l, r); }
  mlir::Value compare(nn::CompareFn fn, mlir::Value lhs, mlir::Value rhs);
  mlir::Value select(mlir::Value condition, mlir::Value ifTrue, mlir::Value ifFalse);
  /// x itself where it has the type already.
  mlir::Value cast(mlir::Value x, mlir::Type elementType);

  // Movement.
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  mlir::Value reshape(mlir::Value x, mlir::Value shape);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> perm);
  mlir::Value broadcastTo(mlir::Value x, mlir::Value shape);
  mlir::Value slice(mlir::Value x, mlir::Value offsets, mlir::Value sizes,
                    llvm::ArrayRef<int64_t> strides = {});
  mlir::Value concat(llvm::ArrayRef<mlir::Value> parts, int64_t axis);
  mlir::Value gather(mlir::Value x, mlir::Value indices, int64_t axis, int64_t batchDims = 0);
  /// 0, 1, …, n-1; n is 0-D i64.
  mlir::Value iota(mlir::Value n, mlir::Type elementType);
  mlir::Value reduce(nn::ReduceFn fn, mlir::Value x, llvm::ArrayRef<int64_t> axes, bool keepDims);

  /// A function of runtime-lib (a row of Calls.def); `present` tells which of
  /// the row's inputs are given, all where empty.
  llvm::SmallVector<mlir::Value> call(llvm::StringRef callee, mlir::TypeRange types,
                                      mlir::ValueRange operands, llvm::ArrayRef<int64_t> ints = {},
                                      llvm::ArrayRef<double> floats = {},
                                      llvm::ArrayRef<bool> present = {});

  // Extents.
  /// 1-D i64 with all extents of x.
  mlir::Value shapeOf(mlir::Value x);
  Extent extent(mlir::Value x, int64_t axis);
  llvm::SmallVector<Extent> extents(mlir::Value x);
  /// 1-D i64 out of extents: a constant where all are numbers.
  mlir::Value shapeFrom(llvm::ArrayRef<Extent> extents);
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<Extent> extents) {
    return reshape(x, shapeFrom(extents));
  }
  /// The product, as a number where all are.
  Extent product(llvm::ArrayRef<Extent> extents);

  /// The elements of a constant integer (or bool) tensor in row-major order;
  /// nullopt where the value is no constant, or has more than 2^20 elements.
  static std::optional<llvm::SmallVector<int64_t>> constantInts(mlir::Value value);
  /// The same for any number type.
  static std::optional<llvm::SmallVector<double>> constantFloats(mlir::Value value);
  /// The constant behind a value, or null.
  static mlir::ElementsAttr constantValue(mlir::Value value);

private:
  using InferFn = mlir::LogicalResult (*)(mlir::MLIRContext *, std::optional<mlir::Location>,
                                          mlir::ValueRange, mlir::DictionaryAttr,
                                          mlir::OpaqueProperties, mlir::RegionRange,
                                          llvm::SmallVectorImpl<mlir::Type> &);

  // How many types the generated builder wants before the real ones are
  // inferred.
  template <typename OpTy> static constexpr unsigned resultCount() {
    if constexpr (OpTy::template hasTrait<mlir::OpTrait::OneResult>())
      return 1;
    else if constexpr (OpTy::template hasTrait<mlir::OpTrait::NResults<2>::Impl>())
      return 2;
    else if constexpr (OpTy::template hasTrait<mlir::OpTrait::NResults<3>::Impl>())
      return 3;
    else
      return 0;
  }
  llvm::SmallVector<mlir::Value> finish(mlir::OperationState &state, InferFn infer);
  bool checkSizes(mlir::TypeRange types);

  bool hasFailed = false;
};

/// Constants up to this size are folded while a model is imported, so that
/// computed axes and shapes are known at once; bigger ones are left to the
/// fold pass.
inline constexpr int64_t kMaxFoldedBytes = 64 * 1024;

/// Replaces an op by constants where its operands are constants and its
/// results small; gives the results to use.
llvm::SmallVector<mlir::Value> foldIfConstant(mlir::OpBuilder &b, mlir::Operation *op);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_NNBUILDER_H
