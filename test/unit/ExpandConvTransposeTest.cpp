//===- ExpandConvTransposeTest.cpp - The phases give the same values ------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/PassTestSupport.h"

#include <catch2/catch.hpp>

namespace {

struct Transposed {
  std::string x, w, y, strides, dilations, pads, extra;
  int group = 1;
  bool nhwc = false;
  std::string names = "";

  std::string str() const {
    auto list = [](const std::string &values) { return "array<i64: " + values + ">"; };
    std::string tx = "tensor<" + x + ">", tw = "tensor<" + w + ">", ty = "tensor<" + y + ">";
    return "func.func @f(%x: " + tx + (names.empty() ? "" : " {nn.dims = [" + names + "]}") +
           ", %w: " + tw + ") -> " + ty +
           " {\n  %0 = nn.conv_transpose %x, %w {strides = " + list(strides) +
           ", dilations = " + list(dilations) + ", pads = " + list(pads) +
           ", output_padding = " + list(extra) + ", group = " + std::to_string(group) + " : i64" +
           (nhwc ? ", layout = #nn<layout nhwc>" : "") + "} : (" + tx + ", " + tw + ") -> " + ty +
           "\n  return %0 : " + ty + "\n}";
  }
};

void check(const Transposed &op) {
  SameOptions options;
  options.absent = "nn.conv_transpose";
  options.dims = {{"D", 3}};
  INFO(op.str());
  CHECK(differenceAfter("func.func(expand-conv-transpose),infer-shapes,canonicalize,cse", op.str(),
                        options) == "");
  options.dims = {{"D", 1}};
  if (!op.names.empty())
    CHECK(differenceAfter("func.func(expand-conv-transpose)", op.str(), options) == "");
}

} // namespace

TEST_CASE("expand-conv-transpose keeps the values", "[passes]") {
  check({"2x3x5xf32", "3x4x3xf32", "2x4x7xf32", "1", "1", "0, 0", "0"});
  check({"2x3x5xf32", "3x4x3xf32", "2x4x11xf32", "2", "1", "0, 0", "0"});
  check({"2x3x5xf32", "3x4x3xf32", "2x4x10xf32", "2", "1", "1, 1", "1"});
  check({"2x3x5xf32", "3x4x4xf32", "2x4x15xf32", "3", "1", "0, 1", "0"});
  // Kernel below stride: some phases have no tap.
  check({"2x3x5xf32", "3x4x2xf32", "2x4x14xf32", "3", "1", "0, 0", "0"});
  // Dilations with and without common factors.
  check({"1x2x4xf32", "2x2x3xf32", "1x2x11xf32", "2", "2", "0, 0", "0"});
  check({"1x2x4xf32", "2x2x3xf32", "1x2x11xf32", "2", "3", "1, 1", "0"});
  check({"1x2x4xf32", "2x2x3xf32", "1x2x27xf32", "6", "4", "0, 0", "0"});
  // Cropping more than the padding of any phase, and padding instead.
  check({"1x2x6xf32", "2x2x3xf32", "1x2x3xf32", "2", "1", "5, 5", "0"});
  check({"1x2x6xf32", "2x2x3xf32", "1x2x1xf32", "2", "1", "12, 0", "0"});
  check({"1x2x4xf32", "2x2x3xf32", "1x2x14xf32", "2", "1", "-3, -2", "0"});
  // Groups, two axes, both layouts.
  check({"1x4x3x4xf32", "4x3x3x2xf32", "1x6x7x8xf32", "2, 2", "1, 1", "0, 0, 0, 0", "0, 0", 2});
  check({"1x3x4x4xf32", "4x3x3x2xf32", "1x6x10x6xf32", "2, 3", "1, 1", "0, 1, 1, 0", "0, 0", 2,
         true});
  check({"1x2x3x2x2xf64", "2x2x2x2x3xf64", "1x2x6x4x5xf64", "2, 2, 2", "1, 1, 1",
         "0, 0, 0, 0, 0, 0", "0, 0, 0"});
  check({"1x2x0xf32", "2x2x3xf32", "1x2x1xf32", "2", "1", "0, 0", "0"});
  // An extent that is known at run time only.
  check({"1x2x?xf32", "2x2x3xf32", "1x2x?xf32", "2", "1", "0, 0", "0", 1, false, "1, 2, \"D\""});
  check({"1x2x?xf32", "2x2x5xf32", "1x2x?xf32", "3", "1", "2, 3", "1", 1, false, "1, 2, \"D\""});
}
