//===- DataSetTest.cpp - Folders of test data -------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/DataSet.h"
#include "test/unit/OnnxTestSupport.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::test;
using namespace burin::verify;

static std::string optionalFile(bool present) {
  onnx::OptionalProto optional;
  optional.set_name("x");
  if (present)
    fillTensor(*optional.mutable_tensor_value(), "", onnx::kFloat, {2}, rawBytes<float>({3, 4}));
  return optional.SerializeAsString();
}

TEST_CASE("optional inputs of test data are a flag and a value", "[verify]") {
  for (bool present : {true, false}) {
    TemporaryFolder folder;
    writeFile(folder.file("input_0.pb"), optionalFile(present));
    onnx::TensorProto plain;
    fillTensor(plain, "y", onnx::kInt64, {1}, rawBytes<int64_t>({7}));
    writeFile(folder.file("input_1.pb"), plain.SerializeAsString());
    Diagnostics diagnostics;
    std::vector<Wanted> wanted = {
        {"x.present", onnx::kBool, {}}, {"x", onnx::kFloat, {2}}, {"y", onnx::kInt64, {1}}};
    auto set = readDataSet(folder.path().string(), diagnostics, wanted);
    INFO(diagnostics.str());
    REQUIRE(set);
    REQUIRE(set->inputs.size() == 3);
    CHECK(set->inputs[0].bytes[0] == (present ? 1 : 0));
    CHECK(set->inputs[1].dims == std::vector<int64_t>{2});
    CHECK(reinterpret_cast<const float *>(set->inputs[1].bytes)[1] == (present ? 4 : 0));
    CHECK(set->inputs[2].name == "y");
    std::string error;
    CHECK(matchTensors(set->inputs, wanted, "input", error));
  }
}
