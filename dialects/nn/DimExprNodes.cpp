//===- DimExprNodes.cpp - Nodes of symbolic extents -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/DimExprImpl.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace burin::nn {

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

template <typename T> static int threeWay(const T &a, const T &b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compareAtoms(const DimAtom *a, const DimAtom *b) {
  if (a == b)
    return 0;
  if (a->op != b->op)
    return threeWay(a->op, b->op);
  if (a->op == 0)
    return threeWay(a->symbol.name, b->symbol.name);
  if (int order = compareNodes(a->lhs, b->lhs))
    return order;
  return compareNodes(a->rhs, b->rhs);
}

// Graded lexicographic, highest first: it respects multiplication, which
// division by leading terms needs.
int compareMonomials(const DimMonomial &a, const DimMonomial &b) {
  unsigned degreeA = 0, degreeB = 0;
  for (auto &factor : a)
    degreeA += factor.second;
  for (auto &factor : b)
    degreeB += factor.second;
  if (degreeA != degreeB)
    return degreeA > degreeB ? -1 : 1;
  for (auto [left, right] : llvm::zip(a, b)) {
    if (int order = compareAtoms(left.first, right.first))
      return order;
    if (left.second != right.second)
      return left.second > right.second ? -1 : 1;
  }
  return 0;
}

int compareNodes(const DimNode *a, const DimNode *b) {
  if (a == b)
    return 0;
  for (auto [left, right] : llvm::zip(a->terms, b->terms)) {
    if (int order = compareMonomials(left.factors, right.factors))
      return order;
    if (int order = threeWay(left.coefficient, right.coefficient))
      return order;
  }
  return threeWay(a->terms.size(), b->terms.size());
}

//===----------------------------------------------------------------------===//
// Intervals
//===----------------------------------------------------------------------===//

std::optional<int64_t> checkedFloorDiv(int64_t a, int64_t b) {
  if (b == 0 || (a == INT64_MIN && b == -1))
    return std::nullopt;
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

std::optional<int64_t> checkedMod(int64_t a, int64_t b) {
  if (b == 0)
    return std::nullopt;
  if (b == -1)
    return 0;
  int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// Sum of two ends of the same side; `unbounded` is that side's infinity.
static int64_t addEnds(int64_t a, int64_t b, int64_t unbounded) {
  int64_t sum;
  if (a == unbounded || b == unbounded || AddOverflow(a, b, sum))
    return unbounded;
  return sum;
}

Interval addIntervals(Interval a, Interval b) {
  return {addEnds(a.lo, b.lo, INT64_MIN), addEnds(a.hi, b.hi, INT64_MAX)};
}

/// Product of two ends where infinities count as such and 0 * infinity is 0.
static int64_t mulEnds(int64_t a, int64_t b) {
  if (a == 0 || b == 0)
    return 0;
  bool infinite = a == INT64_MIN || a == INT64_MAX || b == INT64_MIN || b == INT64_MAX;
  int64_t product;
  if (infinite || MulOverflow(a, b, product))
    return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
  return product;
}

Interval mulIntervals(Interval a, Interval b) {
  int64_t ends[] = {mulEnds(a.lo, b.lo), mulEnds(a.lo, b.hi), mulEnds(a.hi, b.lo),
                    mulEnds(a.hi, b.hi)};
  return {*std::min_element(ends, ends + 4), *std::max_element(ends, ends + 4)};
}

Interval negateInterval(Interval a) {
  auto negate = [](int64_t end) {
    return end == INT64_MIN ? INT64_MAX : end == INT64_MAX ? INT64_MIN : -end;
  };
  return {negate(a.hi), negate(a.lo)};
}

Interval floorDivIntervals(Interval a, Interval b) {
  if (b.lo < 0) {
    if (b.hi >= 0)
      return Interval::all();
    return floorDivIntervals(negateInterval(a), negateInterval(b));
  }
  // The divisor is never 0.
  int64_t lo = std::max<int64_t>(b.lo, 1), hi = std::max(b.hi, lo);
  auto divide = [&](int64_t end) -> Interval {
    if (end == INT64_MIN || end == INT64_MAX)
      return {end, end};
    int64_t near = *checkedFloorDiv(end, lo);
    int64_t far = hi == INT64_MAX ? (end < 0 ? -1 : 0) : *checkedFloorDiv(end, hi);
    return {std::min(near, far), std::max(near, far)};
  };
  return {divide(a.lo).lo, divide(a.hi).hi};
}

//===----------------------------------------------------------------------===//
// Unique nodes
//===----------------------------------------------------------------------===//

const DimNode *DimContext::Impl::node(SmallVector<DimTerm, 2> terms) {
  DimNode node;
  node.range = {0, 0};
  node.weight = 1;
  for (const DimTerm &term : terms) {
    Interval range{term.coefficient, term.coefficient};
    node.weight += 1;
    for (auto [atom, power] : term.factors) {
      node.weight += power * atom->weight;
      if (node.weight > kMaxWeight)
        return nullptr;
      for (unsigned i = 0; i < power; ++i)
        range = mulIntervals(range, atom->range);
    }
    node.range = addIntervals(node.range, range);
  }
  node.terms = std::move(terms);
  auto found = nodes.find(&node);
  if (found != nodes.end())
    return *found;
  nodeStore.push_back(std::move(node));
  nodes.insert(&nodeStore.back());
  return &nodeStore.back();
}

const DimNode *DimContext::Impl::constantNode(int64_t value) {
  if (value == 0)
    return node({});
  return node({DimTerm{{}, value}});
}

const DimNode *DimContext::Impl::atomNode(const DimAtom *atom) {
  if (atom->range.lo == atom->range.hi)
    return constantNode(atom->range.lo);
  return node({DimTerm{{{atom, 1}}, 1}});
}

DimAtom *DimContext::Impl::addSymbol(DimSymbol symbol) {
  DimAtom atom;
  atom.range = symbol.range;
  symbol.number = symbols.size();
  atom.symbol = std::move(symbol);
  atomStore.push_back(std::move(atom));
  symbols[atomStore.back().symbol.name] = &atomStore.back();
  return &atomStore.back();
}

DimAtom *DimContext::Impl::valueSymbol(DimSymbol::Kind kind, mlir::Value value, int64_t index,
                                       Interval range) {
  auto key = std::make_tuple(value.getAsOpaquePointer(), index, static_cast<int>(kind));
  DimAtom *&atom = valueSymbols[key];
  if (atom) {
    Interval common{std::max(atom->range.lo, range.lo), std::min(atom->range.hi, range.hi)};
    if (common.lo < common.hi && common != atom->range) {
      atom->range = atom->symbol.range = common;
      // Larger expressions keep the wider range that they were made with.
      const_cast<DimNode *>(atomNode(atom))->range = common;
    }
    return atom;
  }
  std::string name;
  do
    name = "?" + std::to_string(generated++);
  while (symbols.contains(name));
  atom = addSymbol({kind, std::move(name), value, index, range, 0, {}});
  return atom;
}

const DimNode *DimContext::Impl::operation(char op, const DimNode *a, const DimNode *b,
                                           Interval range) {
  DimAtom atom;
  atom.op = op;
  atom.lhs = a;
  atom.rhs = b;
  atom.range = range;
  atom.weight = 1 + a->weight + b->weight;
  auto found = operations.find(&atom);
  if (found != operations.end())
    return atomNode(*found);
  if (atom.weight > kMaxWeight)
    return nullptr;
  atomStore.push_back(std::move(atom));
  operations.insert(&atomStore.back());
  return atomNode(&atomStore.back());
}

//===----------------------------------------------------------------------===//
// Polynomials
//===----------------------------------------------------------------------===//

const DimNode *DimContext::Impl::sum(const DimNode *a, const DimNode *b, int64_t scaleOfB) {
  SmallVector<DimTerm, 2> terms;
  auto left = a->terms.begin(), right = b->terms.begin();
  while (left != a->terms.end() || right != b->terms.end()) {
    int order = left == a->terms.end()    ? 1
                : right == b->terms.end() ? -1
                                          : compareMonomials(left->factors, right->factors);
    if (order < 0) {
      terms.push_back(*left++);
      continue;
    }
    int64_t coefficient;
    if (MulOverflow(right->coefficient, scaleOfB, coefficient))
      return nullptr;
    if (order == 0 && AddOverflow(left++->coefficient, coefficient, coefficient))
      return nullptr;
    if (coefficient != 0)
      terms.push_back({right->factors, coefficient});
    ++right;
  }
  return node(std::move(terms));
}

static DimMonomial multiply(const DimMonomial &a, const DimMonomial &b) {
  DimMonomial result;
  auto left = a.begin(), right = b.begin();
  while (left != a.end() || right != b.end()) {
    int order = left == a.end()    ? 1
                : right == b.end() ? -1
                                   : compareAtoms(left->first, right->first);
    if (order < 0)
      result.push_back(*left++);
    else if (order > 0)
      result.push_back(*right++);
    else
      result.push_back({left->first, left++->second + right++->second});
  }
  return result;
}

const DimNode *DimContext::Impl::product(const DimNode *a, const DimNode *b) {
  const DimNode *result = constantNode(0);
  for (const DimTerm &factor : a->terms) {
    SmallVector<DimTerm, 2> terms;
    for (const DimTerm &term : b->terms) {
      int64_t coefficient;
      if (MulOverflow(factor.coefficient, term.coefficient, coefficient))
        return nullptr;
      // Multiplying by one monomial keeps the order.
      terms.push_back({multiply(factor.factors, term.factors), coefficient});
    }
    const DimNode *row = node(std::move(terms));
    result = row ? sum(result, row, 1) : nullptr;
    if (!result)
      return nullptr;
  }
  return result;
}

/// The monomial a / b, where b divides a.
static std::optional<DimMonomial> divideMonomials(const DimMonomial &a, const DimMonomial &b) {
  DimMonomial result;
  auto right = b.begin();
  for (auto [atom, power] : a) {
    if (right != b.end() && right->first == atom) {
      if (right->second > power)
        return std::nullopt;
      if (power > right->second)
        result.push_back({atom, power - right->second});
      ++right;
    } else {
      result.push_back({atom, power});
    }
  }
  if (right != b.end())
    return std::nullopt;
  return result;
}

bool DimContext::Impl::divide(const DimNode *a, const DimNode *b, const DimNode *&quotient,
                              const DimNode *&remainder) {
  if (b->terms.empty())
    return false;
  const DimTerm &leading = b->terms.front();
  quotient = remainder = constantNode(0);
  const DimNode *rest = a;
  for (unsigned step = 0; !rest->terms.empty(); ++step) {
    if (step > kMaxWeight)
      return false;
    DimTerm term = rest->terms.front();
    std::optional<DimMonomial> factors = divideMonomials(term.factors, leading.factors);
    const DimNode *part;
    if (factors && leading.coefficient != -1 && term.coefficient % leading.coefficient == 0) {
      part = node({{std::move(*factors), term.coefficient / leading.coefficient}});
      quotient = part ? sum(quotient, part, 1) : nullptr;
      part = part ? product(part, b) : nullptr;
    } else {
      part = node({term});
      remainder = part ? sum(remainder, part, 1) : nullptr;
    }
    rest = part ? sum(rest, part, -1) : nullptr;
    if (!quotient || !remainder || !rest)
      return false;
  }
  return true;
}

} // namespace burin::nn
