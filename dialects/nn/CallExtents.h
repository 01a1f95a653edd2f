//===- CallExtents.h - Extents of the results of nn.call --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// What a call's results have of its operands' extents, per row of Calls.def.
// Written once for numbers (interpreter) and expressions (SymbolicShapes).
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_DIALECTS_NN_CALLEXTENTS_H
#define BURIN_DIALECTS_NN_CALLEXTENTS_H

#include "dialects/nn/NN.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace burin::nn {

/// The operands' extents and arithmetic on them. A default Dim is unknown, and
/// so is what is made of it.
template <typename Dim> struct CallAlgebra {
  using Dims = llvm::SmallVector<Dim>;
  llvm::function_ref<Dims(size_t operand)> dims;
  llvm::function_ref<Dim(llvm::ArrayRef<Dim>)> product;
  llvm::function_ref<Dim(Dim, Dim)> min;
  llvm::function_ref<Dim(int64_t)> constant;
  Dim unknown;
};

/// One list per result that has extents of its own; unknown ones are those that
/// only the result's type tells. Results without an entry follow their types.
template <typename Dim>
llvm::SmallVector<llvm::SmallVector<Dim>> callExtents(CallOp op, const CallAlgebra<Dim> &algebra) {
  using Dims = llvm::SmallVector<Dim>;
  using Lists = llvm::SmallVector<Dims>;
  llvm::StringRef callee = op.getCallee();
  if (op.getXs().empty() || op.getNumResults() == 0)
    return {};
  auto rankOf = [&](unsigned i) {
    return llvm::cast<mlir::RankedTensorType>(op.getResult(i).getType()).getRank();
  };
  Dims x = algebra.dims(0);
  Dims second = op.getXs().size() > 1 ? algebra.dims(1) : Dims();
  Dim unknown = algebra.unknown;
  // Results that share x's first axes; the others are static in their types.
  auto leading = [&](size_t count) {
    Lists lists;
    for (unsigned i = 0; i < op.getNumResults(); ++i) {
      Dims dims(rankOf(i), unknown);
      for (size_t axis = 0; axis < std::min({count, dims.size(), x.size()}); ++axis)
        dims[axis] = x[axis];
      lists.push_back(dims);
    }
    return lists;
  };
  if (callee == "nonzero")
    return Lists{Dims{algebra.product(x)}, Dims{}};
  if (callee == "unique" && !x.empty())
    return Lists{Dims{x[0]}, Dims{x[0]}, Dims{x[0]}, Dims{}};
  if (callee == "map_lookup" || callee == "inverse")
    return Lists{x};
  if (callee == "det" && x.size() >= 2)
    return Lists{Dims(llvm::ArrayRef<Dim>(x).drop_back(2))};
  if (callee == "nms" && x.size() == 3 && second.size() == 3) {
    // max_output is the next operand where it is given.
    Dim perClass = x[1];
    mlir::DenseIntElementsAttr most;
    bool given = op.getPresent().size() > 2 && op.getPresent()[2] && op.getXs().size() > 2;
    if (given && mlir::matchPattern(op.getXs()[2], mlir::m_Constant(&most)) &&
        most.getNumElements() == 1) {
      int64_t limit = std::max<int64_t>((*most.begin()).getSExtValue(), 0);
      perClass = algebra.min(perClass, algebra.constant(limit));
    }
    return Lists{Dims{algebra.product({second[0], second[1], perClass}), algebra.constant(3)},
                 Dims{}};
  }
  if ((callee == "roi_align" || callee == "max_roi_pool") && x.size() == 4 && !second.empty())
    return Lists{Dims{second[0], x[1], unknown, unknown}};
  if (callee == "grid_sample" && x.size() >= 2 && second.size() == x.size()) {
    Dims dims{x[0], x[1]};
    dims.append(second.begin() + 1, second.end() - 1);
    return Lists{dims};
  }
  if (callee == "deform_im2col" && x.size() == 4 && second.size() == 4)
    return Lists{Dims{x[0], unknown, algebra.product({second[2], second[3]})}};
  if (callee == "max_pool_indices")
    return leading(2);
  if (callee == "tree_ensemble" || callee == "svm_vote" || (callee == "tfidf" && x.size() == 2))
    return leading(1);
  if (callee == "fft" && !op.getInts().empty()) {
    Dims dims = x;
    auto axis = static_cast<size_t>(op.getInts()[0]);
    if (axis < dims.size())
      dims[axis] = unknown;
    if (!dims.empty())
      dims.back() = unknown;
    return Lists{dims};
  }
  return {};
}

} // namespace burin::nn

#endif // BURIN_DIALECTS_NN_CALLEXTENTS_H
