//===- DimExpr.h - Symbolic extents -----------------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Extents of tensors as expressions over symbols: polynomials with integer
// coefficients plus floordiv, ceildiv, mod, min and max. Hash-consed in a
// DimContext, so that equal expressions are equal pointers after
// normalisation. (AffineExpr does not do: merging dims needs N*S.)
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_DIMEXPR_H
#define BURIN_DIALECTS_NN_DIMEXPR_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/FunctionExtras.h"
#include "llvm/ADT/StringRef.h"
#include <memory>
#include <optional>
#include <string>

namespace burin::nn {

struct DimNode;
class DimContext;

/// Closed interval of values; extents are never negative, contents may be.
struct Interval {
  int64_t lo = 0;         ///< INT64_MIN: unbounded
  int64_t hi = INT64_MAX; ///< INT64_MAX: unbounded
  static Interval all() { return {INT64_MIN, INT64_MAX}; }
  bool operator==(const Interval &other) const = default;
};

struct DimSymbol;

/// A handle; null by default. Null also stands for "not known": an operation
/// with a null operand, with a division by the constant 0, on overflow of a
/// coefficient, or with an unreasonably large result gives null.
class DimExpr {
public:
  DimExpr() = default;
  explicit operator bool() const { return node; }
  bool operator==(const DimExpr &other) const = default;

  std::optional<int64_t> constant() const;
  /// The symbol, where the expression is one.
  const DimSymbol *symbol() const;
  Interval range() const;
  /// "N", "4*N*S + 1", "floordiv(N + 1, 2)": parseable, and the same text for
  /// equal expressions of different contexts. Names that are no identifiers are
  /// quoted: 'a b'.
  std::string str() const;
  /// Symbols in order of first creation, without duplicates.
  llvm::SmallVector<const DimSymbol *> symbols() const;
  /// Calls back for evaluation: constant, symbol, then operations bottom up.
  /// `Op` is one of '+', '*', '/', 'c' (ceildiv), '%', '<' (min), '>' (max).
  template <typename T> struct Evaluator {
    llvm::unique_function<T(int64_t)> constant;
    llvm::unique_function<T(const DimSymbol &)> symbol;
    llvm::unique_function<T(char, T, T)> binary;
  };
  mlir::Value materialize(Evaluator<mlir::Value> &evaluator) const;
  /// Value under concrete symbol values; nullopt on overflow, division by zero
  /// or a symbol without value.
  std::optional<int64_t>
  evaluate(llvm::function_ref<std::optional<int64_t>(const DimSymbol &)> lookup) const;

private:
  friend class DimContext;
  friend struct DimNode;
  explicit DimExpr(const DimNode *node) : node(node) {}
  const DimNode *node = nullptr;
};

/// What a symbol stands for.
struct DimSymbol {
  enum class Kind {
    Named,   ///< a dimension of the function's border, by name
    Element, ///< element `index` of the integer tensor `value`, read at run time
    Extent,  ///< dimension `index` of `value`, known once `value` is computed
  };
  Kind kind;
  std::string name;  ///< Named; else a generated unique name ("?0", ...)
  mlir::Value value; ///< Element, Extent
  int64_t index = 0;
  Interval range;
  unsigned number = 0; ///< order of creation
  DimExpr bound;       ///< Element: never more than this, over Named symbols; may be null
};

/// Owns expressions and symbols.
class DimContext {
public:
  DimContext();
  ~DimContext();
  DimContext(const DimContext &) = delete;

  DimExpr constant(int64_t value);
  /// The symbol of that name; the first call sets its range.
  DimExpr named(llvm::StringRef name, Interval range = {});
  /// The symbol of an element or an extent of a value; a later call may narrow
  /// its range. An element is never more than `bound`, where that is not null.
  DimExpr element(mlir::Value value, int64_t index, Interval range, DimExpr bound = {});
  DimExpr extent(mlir::Value value, int64_t index, Interval range = {});

  DimExpr add(DimExpr a, DimExpr b);
  DimExpr sub(DimExpr a, DimExpr b);
  DimExpr mul(DimExpr a, DimExpr b);
  /// Division towards minus infinity by a constant or symbolic divisor that is
  /// never 0; exact polynomial division is simplified ((N*S)/S = N). The result
  /// of mod has the divisor's sign.
  DimExpr floorDiv(DimExpr a, DimExpr b);
  DimExpr ceilDiv(DimExpr a, DimExpr b);
  DimExpr mod(DimExpr a, DimExpr b);
  DimExpr min(DimExpr a, DimExpr b);
  DimExpr max(DimExpr a, DimExpr b);
  DimExpr product(llvm::ArrayRef<DimExpr> factors);
  /// Parses what str() prints; null on a syntax error. Symbols become Named, or
  /// what `lookup` makes of their names.
  DimExpr parse(llvm::StringRef text);
  DimExpr parse(llvm::StringRef text, llvm::function_ref<DimExpr(llvm::StringRef)> lookup);

  /// An expression over Named symbols only that is never below `expr`; null where
  /// the range of another symbol leaves it without bound.
  DimExpr upperBound(DimExpr expr);

  /// Provably equal / different / a <= b for all symbol values.
  bool equal(DimExpr a, DimExpr b) const { return a && a == b; }
  bool different(DimExpr a, DimExpr b);
  bool lessOrEqual(DimExpr a, DimExpr b);

private:
  DimExpr extremum(char op, DimExpr a, DimExpr b, Interval range);

  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_DIMEXPR_H
