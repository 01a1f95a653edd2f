//===- DimExpr.cpp - Arithmetic on symbolic extents -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/DimExprImpl.h"

#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace llvm;

namespace burin::nn {

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

std::optional<int64_t> DimExpr::constant() const { return node ? node->constant() : std::nullopt; }

const DimSymbol *DimExpr::symbol() const {
  const DimAtom *atom = node ? node->atom() : nullptr;
  return atom && atom->op == 0 ? &atom->symbol : nullptr;
}

Interval DimExpr::range() const { return node ? node->range : Interval::all(); }

static void collectSymbols(const DimNode *node, SmallVectorImpl<const DimSymbol *> &symbols) {
  for (const DimTerm &term : node->terms)
    for (auto [atom, power] : term.factors) {
      if (atom->op == 0) {
        symbols.push_back(&atom->symbol);
        continue;
      }
      collectSymbols(atom->lhs, symbols);
      collectSymbols(atom->rhs, symbols);
    }
}

SmallVector<const DimSymbol *> DimExpr::symbols() const {
  SmallVector<const DimSymbol *> result;
  if (node)
    collectSymbols(node, result);
  llvm::sort(result, [](auto *a, auto *b) { return a->number < b->number; });
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

static std::optional<int64_t> apply(char op, int64_t a, int64_t b) {
  int64_t result;
  switch (op) {
  case '+':
    return AddOverflow(a, b, result) ? std::nullopt : std::optional(result);
  case '*':
    return MulOverflow(a, b, result) ? std::nullopt : std::optional(result);
  case '/':
    return checkedFloorDiv(a, b);
  case 'c': {
    std::optional<int64_t> floor = checkedFloorDiv(a, b);
    return floor && a % b != 0 ? *floor + 1 : floor;
  }
  case '%':
    return checkedMod(a, b);
  case '<':
    return std::min(a, b);
  default:
    return std::max(a, b);
  }
}

namespace {
/// Walks an expression bottom up, every atom once.
template <typename T> struct Walker {
  function_ref<T(int64_t)> constant;
  function_ref<T(const DimSymbol &)> symbol;
  function_ref<T(char, T, T)> binary;
  DenseMap<const DimAtom *, T> values = DenseMap<const DimAtom *, T>();

  T visit(const DimAtom *atom) {
    auto found = values.find(atom);
    if (found != values.end())
      return found->second;
    T value;
    if (atom->op == 0) {
      value = symbol(atom->symbol);
    } else {
      T lhs = visit(atom->lhs), rhs = visit(atom->rhs);
      value = binary(atom->op, lhs, rhs);
    }
    return values[atom] = value;
  }

  T visit(const DimNode *node) {
    if (node->terms.empty())
      return constant(0);
    std::optional<T> sum;
    for (const DimTerm &term : node->terms) {
      std::optional<T> product;
      for (auto [atom, power] : term.factors) {
        T factor = visit(atom);
        for (unsigned i = 0; i < power; ++i)
          product = product ? binary('*', *product, factor) : factor;
      }
      if (!product)
        product = constant(term.coefficient);
      else if (term.coefficient != 1)
        product = binary('*', *product, constant(term.coefficient));
      sum = sum ? binary('+', *sum, *product) : *product;
    }
    return *sum;
  }
};
} // namespace

mlir::Value DimExpr::materialize(Evaluator<mlir::Value> &evaluator) const {
  if (!node)
    return {};
  Walker<mlir::Value> walker{evaluator.constant, evaluator.symbol, evaluator.binary};
  return walker.visit(node);
}

std::optional<int64_t>
DimExpr::evaluate(function_ref<std::optional<int64_t>(const DimSymbol &)> lookup) const {
  if (!node)
    return std::nullopt;
  using Result = std::optional<int64_t>;
  auto constant = [](int64_t value) -> Result { return value; };
  auto binary = [](char op, Result a, Result b) -> Result {
    return a && b ? apply(op, *a, *b) : std::nullopt;
  };
  Walker<Result> walker{constant, lookup, binary};
  return walker.visit(node);
}

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

DimContext::DimContext() : impl(std::make_unique<Impl>()) {}
DimContext::~DimContext() = default;

DimExpr DimContext::constant(int64_t value) { return DimExpr(impl->constantNode(value)); }

DimExpr DimContext::named(StringRef name, Interval range) {
  const DimAtom *atom = impl->symbols.lookup(name);
  if (!atom)
    atom = impl->addSymbol({DimSymbol::Kind::Named, name.str(), {}, 0, range, 0, {}});
  return DimExpr(impl->atomNode(atom));
}

DimExpr DimContext::element(mlir::Value value, int64_t index, Interval range, DimExpr bound) {
  DimAtom *atom = impl->valueSymbol(DimSymbol::Kind::Element, value, index, range);
  if (!atom->symbol.bound)
    atom->symbol.bound = upperBound(bound);
  return DimExpr(impl->atomNode(atom));
}

DimExpr DimContext::extent(mlir::Value value, int64_t index, Interval range) {
  return DimExpr(impl->atomNode(impl->valueSymbol(DimSymbol::Kind::Extent, value, index, range)));
}

DimExpr DimContext::add(DimExpr a, DimExpr b) {
  return a && b ? DimExpr(impl->sum(a.node, b.node, 1)) : DimExpr();
}

DimExpr DimContext::sub(DimExpr a, DimExpr b) {
  return a && b ? DimExpr(impl->sum(a.node, b.node, -1)) : DimExpr();
}

DimExpr DimContext::mul(DimExpr a, DimExpr b) {
  return a && b ? DimExpr(impl->product(a.node, b.node)) : DimExpr();
}

DimExpr DimContext::product(ArrayRef<DimExpr> factors) {
  DimExpr result = constant(1);
  for (DimExpr factor : factors)
    result = mul(result, factor);
  return result;
}

//===----------------------------------------------------------------------===//
// Division
//===----------------------------------------------------------------------===//

/// a = divisor * quotient + remainder with coefficients of the remainder in
/// [0, divisor).
static std::pair<SmallVector<DimTerm, 2>, SmallVector<DimTerm, 2>>
splitByConstant(const DimNode *a, int64_t divisor) {
  std::pair<SmallVector<DimTerm, 2>, SmallVector<DimTerm, 2>> result;
  for (const DimTerm &term : a->terms) {
    if (int64_t quotient = *checkedFloorDiv(term.coefficient, divisor))
      result.first.push_back({term.factors, quotient});
    if (int64_t remainder = *checkedMod(term.coefficient, divisor))
      result.second.push_back({term.factors, remainder});
  }
  return result;
}

DimExpr DimContext::floorDiv(DimExpr a, DimExpr b) {
  if (!a || !b)
    return {};
  std::optional<int64_t> divisor = b.constant();
  if (divisor == 0 || divisor == INT64_MIN)
    return {};
  if (divisor && *divisor < 0)
    return floorDiv(sub(constant(0), a), constant(-*divisor));
  if (divisor == 1)
    return a;
  if (divisor) {
    auto [quotient, remainder] = splitByConstant(a.node, *divisor);
    DimExpr whole(impl->node(std::move(quotient)));
    // (g*A + k) / (g*d) = (A + k/g) / d.
    int64_t common = *divisor;
    for (DimTerm &term : remainder)
      if (!term.factors.empty())
        common = std::gcd(common, term.coefficient);
    for (DimTerm &term : remainder)
      term.coefficient /= common;
    if (!remainder.empty() && remainder.back().coefficient == 0)
      remainder.pop_back();
    DimExpr rest(impl->node(std::move(remainder)));
    if (!whole || !rest)
      return {};
    int64_t reduced = *divisor / common;
    if (reduced == 1)
      return add(whole, rest);
    Interval range = floorDivIntervals(rest.range(), {reduced, reduced});
    if (range.lo == range.hi)
      return add(whole, constant(range.lo));
    // (x / c + k) / d = (x + k*c) / (c*d).
    int64_t shift = 0;
    DimExpr inner = rest;
    if (!rest.node->terms.empty() && rest.node->terms.back().factors.empty()) {
      shift = rest.node->terms.back().coefficient;
      inner = sub(rest, constant(shift));
    }
    const DimAtom *atom = inner ? inner.node->atom() : nullptr;
    std::optional<int64_t> innerDivisor = atom && atom->op == '/' ? atom->rhs->constant() : 0;
    int64_t combined, scaled;
    if (innerDivisor.value_or(0) > 0 && !MulOverflow(*innerDivisor, reduced, combined) &&
        !MulOverflow(*innerDivisor, shift, scaled))
      return add(whole, floorDiv(add(DimExpr(atom->lhs), constant(scaled)), constant(combined)));
    return add(whole, DimExpr(impl->operation('/', rest.node, impl->constantNode(reduced), range)));
  }
  const DimNode *quotient, *remainder;
  if (impl->divide(a.node, b.node, quotient, remainder)) {
    bool inside =
        remainder->range.lo >= 0 && sub(DimExpr(remainder), b).range().hi < 0; // 0 <= remainder < b
    if (remainder->terms.empty() || inside)
      return DimExpr(quotient);
    if (b.node->terms.size() == 1 && !quotient->terms.empty())
      return add(DimExpr(quotient), floorDiv(DimExpr(remainder), b));
  }
  return DimExpr(impl->operation('/', a.node, b.node, floorDivIntervals(a.range(), b.range())));
}

DimExpr DimContext::ceilDiv(DimExpr a, DimExpr b) {
  if (!a || !b)
    return {};
  if (std::optional<int64_t> divisor = b.constant()) {
    if (*divisor == INT64_MIN)
      return {};
    if (*divisor < 0)
      return ceilDiv(sub(constant(0), a), constant(-*divisor));
    return floorDiv(add(a, constant(*divisor - 1)), b);
  }
  const DimNode *quotient, *remainder;
  if (impl->divide(a.node, b.node, quotient, remainder)) {
    if (remainder->terms.empty())
      return DimExpr(quotient);
    if (b.node->terms.size() == 1 && !quotient->terms.empty())
      return add(DimExpr(quotient), ceilDiv(DimExpr(remainder), b));
  }
  Interval negative = floorDivIntervals(negateInterval(a.range()), b.range());
  return DimExpr(impl->operation('c', a.node, b.node, negateInterval(negative)));
}

DimExpr DimContext::mod(DimExpr a, DimExpr b) {
  if (!a || !b)
    return {};
  std::optional<int64_t> divisor = b.constant();
  if (divisor == 0)
    return {};
  if (divisor == 1 || divisor == -1)
    return constant(0);
  DimExpr rest = a;
  if (divisor && *divisor > 0)
    rest = DimExpr(impl->node(splitByConstant(a.node, *divisor).second));
  const DimNode *quotient, *remainder;
  if (!divisor && impl->divide(a.node, b.node, quotient, remainder) &&
      (remainder->terms.empty() || b.node->terms.size() == 1))
    rest = DimExpr(remainder);
  if (!rest)
    return {};
  if (divisor)
    if (std::optional<int64_t> value = rest.constant())
      return constant(*checkedMod(*value, *divisor));
  if (rest.constant() == 0 || (rest.range().lo >= 0 && sub(rest, b).range().hi < 0))
    return rest;
  Interval range = Interval::all(), bounds = b.range();
  if (bounds.lo >= 0)
    range = {0, bounds.hi == INT64_MAX ? INT64_MAX : std::max<int64_t>(bounds.hi - 1, 0)};
  // A dividend that is never negative bounds its remainder.
  if (bounds.lo >= 0 && rest.range().lo >= 0)
    range.hi = std::min(range.hi, rest.range().hi);
  return DimExpr(impl->operation('%', rest.node, b.node, range));
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

DimExpr DimContext::min(DimExpr a, DimExpr b) {
  if (!a || !b)
    return {};
  if (lessOrEqual(a, b))
    return a;
  if (lessOrEqual(b, a))
    return b;
  return extremum('<', a, b,
                  {std::min(a.range().lo, b.range().lo), std::min(a.range().hi, b.range().hi)});
}

DimExpr DimContext::max(DimExpr a, DimExpr b) {
  if (!a || !b)
    return {};
  if (lessOrEqual(a, b))
    return b;
  if (lessOrEqual(b, a))
    return a;
  return extremum('>', a, b,
                  {std::max(a.range().lo, b.range().lo), std::max(a.range().hi, b.range().hi)});
}

/// `op` is commutative and absorbs: min(min(x, y), y) is min(x, y).
DimExpr DimContext::extremum(char op, DimExpr a, DimExpr b, Interval range) {
  auto absorbs = [&](DimExpr outer, DimExpr other) {
    const DimAtom *atom = outer.node->atom();
    return atom && atom->op == op && (atom->lhs == other.node || atom->rhs == other.node);
  };
  if (absorbs(a, b))
    return a;
  if (absorbs(b, a))
    return b;
  if (compareNodes(a.node, b.node) > 0)
    std::swap(a, b);
  return DimExpr(impl->operation(op, a.node, b.node, range));
}

bool DimContext::lessOrEqual(DimExpr a, DimExpr b) {
  if (!a || !b)
    return false;
  if (a == b)
    return true;
  if (a.range().hi != INT64_MAX && a.range().hi <= b.range().lo)
    return true;
  // min(x, y) <= x and y; x and y <= max(x, y).
  const DimAtom *low = a.node->atom(), *high = b.node->atom();
  if (low && low->op == '<' && (low->lhs == b.node || low->rhs == b.node))
    return true;
  if (high && high->op == '>' && (high->lhs == a.node || high->rhs == a.node))
    return true;
  DimExpr difference = sub(a, b);
  return difference && difference.range().hi <= 0;
}

bool DimContext::different(DimExpr a, DimExpr b) {
  DimExpr difference = sub(a, b);
  return difference && (difference.range().lo > 0 || difference.range().hi < 0);
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

namespace {
/// Bounds over named dimensions; null: none.
struct SymbolicInterval {
  DimExpr lo, hi;
  bool isExact() const { return lo && lo == hi; }
};

/// Interval arithmetic whose ends are expressions.
class BoundArithmetic {
public:
  explicit BoundArithmetic(DimContext &context) : context(context) {}

  SymbolicInterval constant(int64_t value) {
    DimExpr expr = context.constant(value);
    return {expr, expr};
  }
  SymbolicInterval symbol(const DimSymbol &symbol) {
    if (symbol.kind == DimSymbol::Kind::Named) {
      DimExpr expr = context.named(symbol.name);
      return {expr, expr};
    }
    Interval range = symbol.range;
    return {range.lo == INT64_MIN ? DimExpr() : context.constant(range.lo),
            symbol.bound            ? symbol.bound
            : range.hi == INT64_MAX ? DimExpr()
                                    : context.constant(range.hi)};
  }
  SymbolicInterval binary(char op, SymbolicInterval a, SymbolicInterval b) {
    switch (op) {
    case '+':
      return {context.add(a.lo, b.lo), context.add(a.hi, b.hi)};
    case '*':
      return multiply(a, b);
    case '/':
      return divide(a, b, &DimContext::floorDiv);
    case 'c':
      return divide(a, b, &DimContext::ceilDiv);
    case '%':
      if (a.isExact() && b.isExact())
        return exactly(context.mod(a.lo, b.lo));
      return isPositive(b)
                 ? SymbolicInterval{context.constant(0), context.sub(b.hi, context.constant(1))}
                 : SymbolicInterval{};
    case '<':
      return {context.min(a.lo, b.lo), a.hi && b.hi ? context.min(a.hi, b.hi) : a.hi ? a.hi : b.hi};
    default:
      return {a.lo && b.lo ? context.max(a.lo, b.lo) : a.lo ? a.lo : b.lo, context.max(a.hi, b.hi)};
    }
  }

private:
  static SymbolicInterval exactly(DimExpr expr) { return {expr, expr}; }
  static bool isAtLeast(const SymbolicInterval &x, int64_t least) {
    return x.lo && x.lo.range().lo >= least;
  }
  static bool isPositive(const SymbolicInterval &x) { return isAtLeast(x, 1); }

  SymbolicInterval multiply(SymbolicInterval a, SymbolicInterval b) {
    if (a.isExact() && b.isExact())
      return exactly(context.mul(a.lo, b.lo));
    if (isAtLeast(a, 0) && isAtLeast(b, 0))
      return {context.mul(a.lo, b.lo), context.mul(a.hi, b.hi)};
    std::optional<int64_t> scale = b.isExact() ? b.lo.constant() : std::nullopt;
    if (!scale)
      return {};
    SymbolicInterval scaled{context.mul(a.lo, b.lo), context.mul(a.hi, b.lo)};
    return *scale < 0 ? SymbolicInterval{scaled.hi, scaled.lo} : scaled;
  }
  /// Both divisions grow with the dividend, and a dividend of at least 0 falls
  /// with the divisor.
  SymbolicInterval divide(SymbolicInterval a, SymbolicInterval b,
                          DimExpr (DimContext::*quotient)(DimExpr, DimExpr)) {
    if (b.isExact() && (isPositive(b) || a.isExact()))
      return {(context.*quotient)(a.lo, b.lo), (context.*quotient)(a.hi, b.lo)};
    if (isAtLeast(a, 0) && isPositive(b))
      return {context.constant(0), (context.*quotient)(a.hi, b.lo)};
    return {};
  }

  DimContext &context;
};
} // namespace

DimExpr DimContext::upperBound(DimExpr expr) {
  if (!expr || llvm::all_of(expr.symbols(), [](const DimSymbol *symbol) {
        return symbol->kind == DimSymbol::Kind::Named;
      }))
    return expr;
  BoundArithmetic arithmetic(*this);
  auto constantOf = [&](int64_t value) { return arithmetic.constant(value); };
  auto symbolOf = [&](const DimSymbol &symbol) { return arithmetic.symbol(symbol); };
  auto binary = [&](char op, SymbolicInterval a, SymbolicInterval b) {
    return arithmetic.binary(op, a, b);
  };
  Walker<SymbolicInterval> walker{constantOf, symbolOf, binary};
  if (DimExpr bound = walker.visit(expr.node).hi)
    return bound;
  // What simplification knew of the range may be more than the parts tell.
  Interval range = expr.range();
  return range.hi == INT64_MAX ? DimExpr() : constant(range.hi);
}

} // namespace burin::nn
