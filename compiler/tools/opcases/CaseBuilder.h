//===- CaseBuilder.h - Random single-operator modules -----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A case is a function @main of one nn op: some operands are arguments, some
// constants. Everything follows from the seed, on every host.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_TOOLS_OPCASES_CASEBUILDER_H
#define BURIN_COMPILER_TOOLS_OPCASES_CASEBUILDER_H

#include "dialects/nn/NN.h"
#include "dialects/nn/interpreter/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace burin::opcases {

using Shape = llvm::SmallVector<int64_t>;

/// SplitMix64: the same numbers everywhere, unlike the standard's distributions.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next();
  /// In [low, high].
  int64_t in(int64_t low, int64_t high);
  /// True once in `n` times.
  bool oneIn(int64_t n) { return in(1, n) == 1; }
  template <typename T> T pick(std::initializer_list<T> choices) {
    return choices.begin()[in(0, static_cast<int64_t>(choices.size()) - 1)];
  }

private:
  uint64_t state;
};

/// What values a random tensor holds.
enum class Fill {
  Any,    ///< quarters in [-8, 8], all small integers; now and then extremes, NaN, infinity
  Finite, ///< quarters in [-2, 2], or small integers
  Bytes,  ///< random bits
};

class CaseBuilder {
public:
  CaseBuilder(mlir::MLIRContext &context, uint64_t seed);

  Random random;
  mlir::OpBuilder b;
  mlir::Location loc;

  // Types
  mlir::Type floatType();  ///< f32 mostly, f64, f16, bf16
  mlir::Type intType();    ///< of 8 to 64 bits
  mlir::Type numberType(); ///< either
  mlir::Type anyType();    ///< also bool, 2-, 4-bit and tiny floats
  mlir::Type type(llvm::StringRef text);

  // Shapes
  /// Extents up to `largest`; now and then one is 0 where `mayBeEmpty`.
  Shape shape(int64_t minRank, int64_t maxRank, int64_t largest = 5, bool mayBeEmpty = true);
  /// What broadcasts to `to`: some extents 1, leading ones dropped.
  Shape broadcastable(llvm::ArrayRef<int64_t> to);
  /// A random selection of axes, ascending.
  Shape axes(int64_t rank);

  // Operands
  nn::Tensor tensor(mlir::Type type, llvm::ArrayRef<int64_t> shape, Fill fill = Fill::Any);
  /// Integers in [low, high].
  nn::Tensor ints(mlir::Type type, llvm::ArrayRef<int64_t> shape, int64_t low, int64_t high);
  mlir::Value argument(const nn::Tensor &tensor);
  /// From here on the extents of arguments are known.
  void fixShapes() { dynamic = false; }
  mlir::Value constant(const nn::Tensor &tensor);
  /// A constant one time in four.
  mlir::Value operand(const nn::Tensor &tensor);
  mlir::Value operand(mlir::Type type, llvm::ArrayRef<int64_t> shape, Fill fill = Fill::Any) {
    return operand(tensor(type, shape, fill));
  }
  mlir::Value shapeOperand(llvm::ArrayRef<int64_t> values);
  mlir::Value indexOperand(int64_t value);

  /// Closes @main with the op's results; null where `op` is.
  mlir::OwningOpRef<mlir::ModuleOp> finish(mlir::Operation *op);
  llvm::ArrayRef<nn::Tensor> inputs() const { return arguments; }

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp main;
  bool dynamic; ///< all extents of arguments but 0 and 1 are symbols, where ABI.md allows it
  llvm::SmallVector<nn::Tensor> arguments;
};

/// Makes one random op; null where it could not.
using Generator = mlir::Operation *(*)(CaseBuilder &);
struct NamedGenerator {
  llvm::StringLiteral name;
  Generator generate;
};

llvm::ArrayRef<NamedGenerator> elementwiseGenerators();
llvm::ArrayRef<NamedGenerator> movementGenerators();
llvm::ArrayRef<NamedGenerator> reductionGenerators();
llvm::ArrayRef<NamedGenerator> contractionGenerators();

} // namespace burin::opcases

#endif // BURIN_COMPILER_TOOLS_OPCASES_CASEBUILDER_H
