//===- DimExprImpl.h - Nodes of symbolic extents ----------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// An expression is a polynomial: a sum of terms, each a coefficient times a
// product of atoms. An atom is a symbol or one of floordiv, ceildiv, mod, min,
// max of two polynomials. Everything is kept in one order (terms by degree,
// then by the atoms' structure; symbols by name), so that equal expressions
// have one form and one text.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_DIMEXPRIMPL_H
#define BURIN_DIALECTS_NN_DIMEXPRIMPL_H

#include "dialects/nn/DimExpr.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"
#include <deque>
#include <map>
#include <set>

namespace burin::nn {

struct DimAtom {
  char op = 0; ///< 0: symbol; else '/', 'c', '%', '<', '>'
  DimSymbol symbol;
  const DimNode *lhs = nullptr, *rhs = nullptr;
  Interval range;
  unsigned weight = 1; ///< nodes when written out
};

/// Atoms in order, each with a power >= 1.
using DimMonomial = llvm::SmallVector<std::pair<const DimAtom *, unsigned>, 2>;

struct DimTerm {
  DimMonomial factors;
  int64_t coefficient = 0; ///< never 0
};

struct DimNode {
  llvm::SmallVector<DimTerm, 2> terms; ///< none: 0
  Interval range;
  unsigned weight = 1;

  std::optional<int64_t> constant() const {
    if (terms.empty())
      return 0;
    if (terms.size() == 1 && terms[0].factors.empty())
      return terms[0].coefficient;
    return std::nullopt;
  }
  /// The atom, where the expression is one atom with coefficient 1.
  const DimAtom *atom() const {
    if (terms.size() == 1 && terms[0].coefficient == 1 && terms[0].factors.size() == 1 &&
        terms[0].factors[0].second == 1)
      return terms[0].factors[0].first;
    return nullptr;
  }
};

/// Three-way structural orders.
int compareAtoms(const DimAtom *a, const DimAtom *b);
int compareMonomials(const DimMonomial &a, const DimMonomial &b);
int compareNodes(const DimNode *a, const DimNode *b);

/// Interval arithmetic; an end that overflows becomes unbounded.
Interval addIntervals(Interval a, Interval b);
Interval mulIntervals(Interval a, Interval b);
Interval floorDivIntervals(Interval a, Interval b);
Interval negateInterval(Interval a);

/// floor(a / b) and its remainder for b != 0; nullopt on overflow.
std::optional<int64_t> checkedFloorDiv(int64_t a, int64_t b);
std::optional<int64_t> checkedMod(int64_t a, int64_t b);

struct DimContext::Impl {
  struct NodeLess {
    bool operator()(const DimNode *a, const DimNode *b) const { return compareNodes(a, b) < 0; }
  };
  struct AtomLess {
    bool operator()(const DimAtom *a, const DimAtom *b) const { return compareAtoms(a, b) < 0; }
  };
  // Deques keep addresses; the sets hold the unique representatives.
  std::deque<DimNode> nodeStore;
  std::deque<DimAtom> atomStore;
  std::set<const DimNode *, NodeLess> nodes;
  std::set<const DimAtom *, AtomLess> operations;
  llvm::StringMap<const DimAtom *> symbols;
  std::map<std::tuple<void *, int64_t, int>, DimAtom *> valueSymbols;
  unsigned generated = 0;

  /// Larger results are given up (null).
  static constexpr unsigned kMaxWeight = 256;

  /// The unique node of sorted, merged terms; null if too large.
  const DimNode *node(llvm::SmallVector<DimTerm, 2> terms);
  const DimNode *atomNode(const DimAtom *atom);
  const DimNode *constantNode(int64_t value);
  DimAtom *addSymbol(DimSymbol symbol);
  DimAtom *valueSymbol(DimSymbol::Kind kind, mlir::Value value, int64_t index, Interval range);
  /// The atom of an operation without further simplification.
  const DimNode *operation(char op, const DimNode *a, const DimNode *b, Interval range);

  /// Polynomial arithmetic; null on overflow.
  const DimNode *sum(const DimNode *a, const DimNode *b, int64_t scaleOfB);
  const DimNode *product(const DimNode *a, const DimNode *b);
  /// a = quotient * b + remainder, where the remainder holds the terms that b's
  /// leading term does not divide; false on overflow or without progress.
  bool divide(const DimNode *a, const DimNode *b, const DimNode *&quotient,
              const DimNode *&remainder);
};

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_DIMEXPRIMPL_H
