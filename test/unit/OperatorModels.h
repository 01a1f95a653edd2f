//===- OperatorModels.h - Small models of every operator --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_OPERATORMODELS_H
#define BURIN_TEST_UNIT_OPERATORMODELS_H

#include "compiler/onnx/onnx.pb.h"

#include <functional>
#include <string>

namespace burin::test {

/// Calls back with a model of one node for every operator and version of the
/// registry, with operands that mostly do not fit: other counts, ranks and
/// types than the operator wants, constant or not, and of unknown extents.
/// Few combinations for each operator, or hundreds when `thorough`.
void forEachOperatorModel(
    bool thorough,
    const std::function<void(const std::string &name, const onnx::ModelProto &model)> &callback);

} // namespace burin::test

#endif // BURIN_TEST_UNIT_OPERATORMODELS_H
