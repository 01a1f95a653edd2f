//===- Library.h - The four files that a user gets --------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_CODEGEN_OBJECT_LIBRARY_H
#define BURIN_CODEGEN_OBJECT_LIBRARY_H

#include "codegen/object/ModelInterface.h"
#include "codegen/object/OutputSet.h"
#include "codegen/object/WeightsObject.h"

namespace burin::object {

/// Adds `lib<model>.a`, `<model>.h`, `<model>.hpp` and `<model>.json` in `folder` to
/// `outputs`, without committing them. The archive holds `modelObject` as
/// `<model>.o` and, when there are constants, `<model>_weights.o`.
llvm::Error writeLibrary(OutputSet &outputs, llvm::StringRef folder, const ModelInterface &model,
                         llvm::StringRef modelObject, const ObjectFormat &format,
                         llvm::ArrayRef<WeightConstant> constants);

} // namespace burin::object

#endif // BURIN_CODEGEN_OBJECT_LIBRARY_H
