//===- EinsumOps.cpp - Einsum ---------------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Operands are contracted from left to right, two at a time. Before, repeated
// labels of an operand become its diagonal, and what occurs nowhere else is
// summed. A contraction then is one batched matmul (or, without a common label
// to sum over, a product with broadcasting).
//
//===----------------------------------------------------------------------===//

#include "compiler/importer/OperatorFamilies.h"
#include "compiler/importer/Products.h"
#include "compiler/importer/ShapeMath.h"
#include "compiler/importer/Windows.h"

#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace mlir;
using namespace burin;

namespace {

/// A letter, or kEllipsis + i for the i-th axis of an ellipsis from its end.
using Label = int;
using Labels = SmallVector<Label>;
constexpr Label kEllipsis = 256;

struct Term {
  Value value;
  Labels labels;
  bool has(Label label) const { return llvm::is_contained(labels, label); }
};

class Einsum {
public:
  explicit Einsum(NodeBinder &n) : n(n), math(n) {}
  LogicalResult import();

private:
  std::optional<Labels> parse(StringRef text, int64_t ellipsisRank);
  bool readTerms(StringRef inputs);
  void takeDiagonals(Term &term);
  void dropOnes();
  void sumAllBut(Term &term, llvm::function_ref<bool(Label)> keep);
  Term contract(Term a, Term b, llvm::function_ref<bool(Label)> keep);
  Term arranged(const Term &term, ArrayRef<Label> order);

  NodeBinder &n;
  ShapeMath math;
  SmallVector<Term> terms;
  int64_t ellipsis = 0; ///< the largest number of axes of an ellipsis
};

} // namespace

/// The labels of one operand or of the output; an ellipsis stands for
/// `ellipsisRank` axes.
std::optional<Labels> Einsum::parse(StringRef text, int64_t ellipsisRank) {
  Labels labels;
  bool seen = false;
  while (!text.empty()) {
    if (text.consume_front("...")) {
      for (int64_t i = ellipsisRank; i-- > 0;)
        labels.push_back(kEllipsis + i);
      if (std::exchange(seen, true)) {
        n.emitError() << "the equation has two ellipses in one term";
        return std::nullopt;
      }
      continue;
    }
    if (!llvm::isAlpha(text.front())) {
      n.emitError() << "the equation has the unexpected character '" << text.take_front() << "'";
      return std::nullopt;
    }
    labels.push_back(static_cast<unsigned char>(text.front()));
    text = text.drop_front();
  }
  return labels;
}

bool Einsum::readTerms(StringRef inputs) {
  SmallVector<StringRef> parts;
  inputs.split(parts, ',');
  if (parts.size() != n.numOperands()) {
    n.emitError() << "the equation has " << parts.size() << " terms for " << n.numOperands()
                  << " inputs";
    return false;
  }
  for (auto [i, part] : llvm::enumerate(parts)) {
    bool dots = part.contains("...");
    int64_t named = static_cast<int64_t>(part.size()) - (dots ? 3 : 0);
    int64_t rest = n.rank(i) - named;
    if (rest < 0 || (rest > 0 && !dots)) {
      n.emitError() << "term '" << part << "' does not fit input " << i << " of rank " << n.rank(i);
      return false;
    }
    ellipsis = std::max(ellipsis, rest);
    auto labels = parse(part, rest);
    if (!labels)
      return false;
    terms.push_back({n.operand(i), *labels});
  }
  return true;
}

/// One axis instead of two with the same label.
void Einsum::takeDiagonals(Term &term) {
  for (size_t i = 0; i < term.labels.size() && !n.failed(); ++i) {
    size_t j = i + 1;
    while (j < term.labels.size() && term.labels[j] != term.labels[i])
      ++j;
    if (j == term.labels.size())
      continue;
    // The second axis next to the first one, both as one: the diagonal's
    // elements are n + 1 apart.
    SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, term.labels.size()));
    perm.erase(perm.begin() + j);
    perm.insert(perm.begin() + i + 1, j);
    Extent extent = n.extent(term.value, i), other = n.extent(term.value, j);
    if (extent.isStatic() && other.isStatic() && extent.value != other.value) {
      n.emitError() << "a repeated label has extents " << extent.value << " and " << other.value;
      return;
    }
    Value x = n.transpose(term.value, perm);
    SmallVector<Extent> merged = n.extents(x);
    merged[i] = math.mul(extent, extent);
    merged.erase(merged.begin() + i + 1);
    Value step = math.vector(math.add(extent, 1));
    term.value = n.gather(n.reshape(x, merged), n.mul(math.iota(extent), step), i);
    term.labels.erase(term.labels.begin() + j);
    --i;
  }
}

/// An axis of extent 1 where another term has more broadcasts: it goes.
void Einsum::dropOnes() {
  std::map<Label, bool> isWide;
  for (const Term &term : terms)
    for (auto [axis, label] : llvm::enumerate(term.labels))
      isWide[label] |= n.dim(term.value, axis) != 1;
  for (Term &term : terms) {
    SmallVector<Extent> kept;
    Labels labels;
    for (auto [axis, label] : llvm::enumerate(term.labels)) {
      if (n.dim(term.value, axis) == 1 && isWide[label])
        continue;
      kept.push_back(n.extent(term.value, axis));
      labels.push_back(label);
    }
    if (labels.size() != term.labels.size())
      term = {n.reshape(term.value, kept), labels};
  }
}

void Einsum::sumAllBut(Term &term, llvm::function_ref<bool(Label)> keep) {
  SmallVector<int64_t> axes;
  Labels labels;
  for (auto [axis, label] : llvm::enumerate(term.labels)) {
    if (keep(label))
      labels.push_back(label);
    else
      axes.push_back(axis);
  }
  if (!axes.empty())
    term = {n.reduce(nn::ReduceFn::sum, term.value, axes, false), labels};
}

/// The axes in the order of the labels, all of which the term has.
Term Einsum::arranged(const Term &term, ArrayRef<Label> order) {
  SmallVector<int64_t> perm;
  for (Label label : order)
    perm.push_back(llvm::find(term.labels, label) - term.labels.begin());
  if (llvm::is_sorted(perm))
    return term;
  return {n.transpose(term.value, perm), Labels(order)};
}

Term Einsum::contract(Term a, Term b, llvm::function_ref<bool(Label)> keep) {
  Labels batch, rows, summed, columns;
  for (Label label : a.labels)
    (!b.has(label) ? rows : keep(label) ? batch : summed).push_back(label);
  for (Label label : b.labels)
    if (!a.has(label))
      columns.push_back(label);
  Labels all = batch;
  llvm::append_range(all, rows);
  llvm::append_range(all, columns);

  auto order = [&](const Labels &second, const Labels &third) {
    Labels labels = batch;
    llvm::append_range(labels, second);
    llvm::append_range(labels, third);
    return labels;
  };
  a = arranged(a, order(rows, summed));
  b = arranged(b, order(summed, columns));
  size_t lead = batch.size();
  // Merged extents of `count` axes from `first` on.
  auto merged = [&](Value x, size_t first, size_t count) {
    SmallVector<Extent> extents = n.extents(x);
    return n.product(ArrayRef(extents).slice(first, count));
  };
  SmallVector<Extent> extents;
  for (size_t i = 0; i < lead; ++i)
    extents.push_back(n.extent(a.value, i));
  SmallVector<Extent> result = extents;
  for (size_t i = 0; i < rows.size(); ++i)
    result.push_back(n.extent(a.value, lead + i));
  for (size_t i = 0; i < columns.size(); ++i)
    result.push_back(n.extent(b.value, lead + summed.size() + i));
  if (summed.empty()) {
    SmallVector<Extent> wide = n.extents(a.value);
    wide.append(columns.size(), Extent(1));
    SmallVector<Extent> other = n.extents(b.value);
    other.insert(other.begin() + lead, rows.size(), Extent(1));
    return {n.mul(n.reshape(a.value, wide), n.reshape(b.value, other)), all};
  }
  SmallVector<Extent> left = extents, right = extents;
  left.append(
      {merged(a.value, lead, rows.size()), merged(a.value, lead + rows.size(), summed.size())});
  right.append({merged(b.value, lead, summed.size()),
                merged(b.value, lead + summed.size(), columns.size())});
  Type type = NNBuilder::elementType(a.value);
  Value product = buildMatMul(n, n.reshape(a.value, left), n.reshape(b.value, right));
  // Products of bytes are wider; their low bits are right.
  return {n.reshape(n.cast(product, type), result), all};
}

LogicalResult Einsum::import() {
  std::string equation = n.stringAttr("equation", "");
  llvm::erase_if(equation, [](char c) { return c == ' '; });
  auto [inputs, rest] = StringRef(equation).split("->");
  bool isExplicit = StringRef(equation).contains("->");
  if (!readTerms(inputs))
    return failure();
  Labels output;
  if (isExplicit) {
    auto labels = parse(rest, ellipsis);
    if (!labels)
      return failure();
    output = *labels;
  } else {
    // What occurs once, in the order of the alphabet, behind the ellipsis.
    std::map<Label, int> counts;
    for (const Term &term : terms)
      for (Label label : term.labels)
        ++counts[label];
    for (int64_t i = ellipsis; i-- > 0;)
      output.push_back(kEllipsis + i);
    for (auto [label, count] : counts)
      if (label < kEllipsis && count == 1)
        output.push_back(label);
  }
  for (auto [i, label] : llvm::enumerate(output)) {
    if (llvm::is_contained(ArrayRef(output).take_front(i), label))
      return n.emitError() << "the equation's output repeats a label";
    if (llvm::none_of(terms, [&](const Term &term) { return term.has(label); }))
      return n.emitError() << "the equation's output has a label that no input has";
  }
  Type type = n.elementType(0);
  for (Term &term : terms) {
    if (terms.size() > 2)
      term.value = widen(n, term.value);
    takeDiagonals(term);
  }
  dropOnes();
  if (n.failed())
    return failure();
  for (size_t i = 0; i < terms.size() && !n.failed(); ++i) {
    auto keep = [&](Label label) {
      return llvm::is_contained(output, label) ||
             llvm::any_of(ArrayRef(terms).drop_front(i + 1),
                          [&](const Term &term) { return term.has(label); });
    };
    if (i == 0) {
      sumAllBut(terms[0], keep);
      continue;
    }
    // Only what is left of both counts.
    Term &a = terms[i - 1], &b = terms[i];
    sumAllBut(a, [&](Label label) { return keep(label) || b.has(label); });
    sumAllBut(b, [&](Label label) { return keep(label) || a.has(label); });
    b = contract(a, b, keep);
  }
  if (n.failed())
    return failure();
  n.setResult(0, n.cast(arranged(terms.back(), output).value, type));
  return success();
}

static LogicalResult importEinsum(NodeBinder &n) { return Einsum(n).import(); }

void burin::registerEinsumOps(OpRegistry &registry) {
  registry.add("Einsum", 12, Arity::atLeast(1), importEinsum);
}
