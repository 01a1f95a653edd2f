//===- SelectKernelsTest.cpp - Kernels by the target's description --------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/SelectKernels.h"
#include "dialects/kernel/Kernel.h"
#include "test/unit/GroupTestSupport.h"

#include "mlir/Parser/Parser.h"

#include "llvm/Support/FormatVariadic.h"
#include <catch2/catch.hpp>

using namespace burin;
using namespace mlir;

/// A product of bytes with a batch of any size.
constexpr const char *kProduct = R"(
  func.func private @g(%a: tensor<?x6xi8> {nn.dims = ["N", 6]}, %b: tensor<6x4xi8>)
      -> (tensor<?x4xi32> {nn.dims = ["N", 4]}) attributes {nn.group} {
    %0 = nn.matmul %a, %b : (tensor<?x6xi8>, tensor<6x4xi8>) -> tensor<?x4xi32>
    return %0 : tensor<?x4xi32>
  }
  func.func @main(%x: tensor<?x6xi8> {nn.dims = ["N", 6]})
      -> (tensor<?x4xi32> {nn.dims = ["N", 4]}) {
    %b = nn.constant dense<1> : tensor<6x4xi8>
    %0 = call @g(%x, %b) : (tensor<?x6xi8>, tensor<6x4xi8>) -> tensor<?x4xi32>
    return %0 : tensor<?x4xi32>
  }
)";

static kernel::GemmOp select(ModuleOp module, const Target &target) {
  selectKernels(module, target);
  kernel::GemmOp found;
  module.walk([&](kernel::GemmOp op) { found = op; });
  return found;
}

TEST_CASE("without vectors a product is a small tile of plain integers", "[kernels]") {
  test::context().loadDialect<kernel::KernelDialect>();
  auto module = parseSourceString<ModuleOp>(kProduct, &test::context());
  REQUIRE(module);
  Target target;
  target.vectorBits = 32;
  target.i8Tile = {2, 2};
  kernel::GemmOp gemm = select(*module, target);
  REQUIRE(gemm);
  CHECK(gemm.getLanes() == 1);
  CHECK(gemm.getMr() == 2);
  CHECK(gemm.getNr() == 2);
  CHECK(gemm.getDot() == kernel::Dot::plain);
  // One byte per weight, 6 rows of 2 in 2 panels.
  CHECK(gemm.getB().getType() ==
        RankedTensorType::get({2, 12}, IntegerType::get(&test::context(), 8)));
}

TEST_CASE("long f32 products are added up in parts", "[kernels]") {
  test::context().loadDialect<kernel::KernelDialect>();
  Target target;
  target.f32Tile = {4, 8};
  auto selected = [&](int rows, int depth) {
    std::string text = llvm::formatv(R"(
      func.func private @g(%a: tensor<{0}x{1}xf32>, %b: tensor<{1}x8xf32>) -> tensor<{0}x8xf32>
          attributes {{nn.group} {{
        %0 = nn.matmul %a, %b : (tensor<{0}x{1}xf32>, tensor<{1}x8xf32>) -> tensor<{0}x8xf32>
        return %0 : tensor<{0}x8xf32>
      }
      func.func @main(%x: tensor<{0}x{1}xf32>) -> tensor<{0}x8xf32> {{
        %b = nn.constant dense<1.0> : tensor<{1}x8xf32>
        %0 = call @g(%x, %b) : (tensor<{0}x{1}xf32>, tensor<{1}x8xf32>) -> tensor<{0}x8xf32>
        return %0 : tensor<{0}x8xf32>
      })",
                                     rows, depth);
    auto module = parseSourceString<ModuleOp>(text, &test::context());
    REQUIRE(module);
    kernel::GemmOp gemm = select(*module, target);
    REQUIRE(gemm);
    return std::pair<int64_t, bool>(gemm.getPart(), gemm.getInF64());
  };
  CHECK(selected(4, 192) == std::pair<int64_t, bool>(0, false));
  CHECK(selected(4, 193) == std::pair<int64_t, bool>(128, false));
  CHECK(selected(1, 24) == std::pair<int64_t, bool>(0, false));
  CHECK(selected(1, 25) == std::pair<int64_t, bool>(16, true));
  target.hardDouble = false;
  CHECK(selected(1, 25) == std::pair<int64_t, bool>(16, false));
  target.optimizeForSize = true; // code is to stay small
  CHECK(selected(4, 193) == std::pair<int64_t, bool>(0, false));
  CHECK(selected(1, 25) == std::pair<int64_t, bool>(0, false));
}

TEST_CASE("the target's dot product is taken at the width of the tile", "[kernels]") {
  test::context().loadDialect<kernel::KernelDialect>();
  auto module = parseSourceString<ModuleOp>(kProduct, &test::context());
  REQUIRE(module);
  Target target;
  target.i8Tile = {4, 8};
  target.byteDot = {ByteDot::s8s8, {{4, "four"}, {8, "eight"}}};
  kernel::GemmOp gemm = select(*module, target);
  REQUIRE(gemm);
  CHECK(gemm.getLanes() == 4);
  CHECK(gemm.getDot() == kernel::Dot::s8s8);
  CHECK(gemm.getIntrinsic() == std::optional<StringRef>("four"));
  // 6 steps are two groups of 4.
  CHECK(gemm.getB().getType() ==
        RankedTensorType::get({1, 32}, IntegerType::get(&test::context(), 8)));
}
