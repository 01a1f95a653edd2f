//===- DataSet.h - Inputs and expected outputs ------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// ONNX's layout of test data: a folder `test_data_set_0` beside the model holds
// `input_0.pb`, `input_1.pb`, ... and `output_0.pb`, ..., a TensorProto each.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_DATASET_H
#define BURIN_COMPILER_VERIFY_DATASET_H

#include "compiler/onnx/ModelLoader.h"

namespace burin::verify {

struct DataSet {
  std::string name; ///< the folder's name, or "seed 1" for generated ones
  std::vector<onnx::TensorData> inputs;
  std::vector<onnx::TensorData> outputs;
};

/// The folders `test_data_set_*` beside a model, by number.
std::vector<std::string> findDataSets(llvm::StringRef modelPath);

/// A tensor that a model wants, by name.
struct Wanted {
  std::string name;
  int32_t dataType = onnx::kUndefined;
  std::vector<int64_t> dims; ///< those that are not static as 1
};

/// Reads a folder. Errors go to `diagnostics`: no folder, no inputs and no outputs, a
/// file that is no tensor. An optional input is one file but two of `wantedInputs`,
/// `<name>.present` and `<name>`, and becomes two tensors; where it is absent, the
/// second one is zeros.
std::optional<DataSet> readDataSet(const std::string &folder, Diagnostics &diagnostics,
                                   llvm::ArrayRef<Wanted> wantedInputs = {});

/// Puts tensors in the order of `wanted`: by name where every wanted name is there, else
/// by order. Nothing and an `error` where neither fits. Tensors that nobody wants are
/// left out when matched by name (old files repeat initializers as inputs).
std::optional<std::vector<onnx::TensorData>>
matchTensors(const std::vector<onnx::TensorData> &tensors, llvm::ArrayRef<Wanted> wanted,
             llvm::StringRef what, std::string &error);

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_DATASET_H
