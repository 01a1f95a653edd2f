//===- Importer.h - From an ONNX model to the nn dialect --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_IMPORTER_IMPORTER_H
#define BURIN_COMPILER_IMPORTER_IMPORTER_H

#include "compiler/importer/OpRegistry.h"
#include "compiler/onnx/ModelLoader.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <map>

namespace burin {

/// `--dim NAME=K` (lo == hi) or `--dim NAME=LO..HI`.
struct DimRange {
  int64_t lo = 0;
  int64_t hi = 0;
};

/// An entry of `--shape INPUT=1,3,H,W`: a number, or the name of a dimension.
struct DimSpec {
  int64_t value = -1;
  std::string name; ///< used where not empty
};

struct ImportOptions {
  std::map<std::string, DimRange> dims;
  std::map<std::string, std::vector<DimSpec>> shapes;

  /// Parses `N=4` or `N=1..512` / `INPUT=1,3,H,W`; false where the text is
  /// wrong, with the reason in `error`.
  bool addDim(llvm::StringRef text, std::string &error);
  bool addShape(llvm::StringRef text, std::string &error);
};

/// Builds a module with one function @main of nn ops and scf on tensors.
/// Arguments and results carry `nn.name` and `nn.dims`, the function
/// `nn.dim_ranges`; every op is located at its ONNX node (NodeLoc.h).
///
/// Reports all problems that do not follow from others as diagnostics of the
/// context, and gives null where there was an error. Needed dialects are
/// loaded.
mlir::OwningOpRef<mlir::ModuleOp> importModel(mlir::MLIRContext &context,
                                              const onnx::LoadedModel &model,
                                              const ImportOptions &options = {});
/// The same with operators from a given registry.
mlir::OwningOpRef<mlir::ModuleOp> importModel(mlir::MLIRContext &context,
                                              const onnx::LoadedModel &model,
                                              const ImportOptions &options,
                                              const OpRegistry &registry);

} // namespace burin

#endif // BURIN_COMPILER_IMPORTER_IMPORTER_H
