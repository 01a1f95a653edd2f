//===- RuntimeCallTest.cpp - Scratch memory of nn.call ----------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// The compiler's formula and the C function must agree for every row.
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/RuntimeCall.h"
#include "runtime-lib/burin_rt.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace burin;
using namespace burin::nn;

namespace {

using Shapes = std::vector<std::vector<int64_t>>;

const std::map<std::string, burin_rt_scratch> &rows() {
  static const std::map<std::string, burin_rt_scratch> table = {
#define BURIN_RT_CALL(name, outputs, ints, floats, doc) {#name, burin_rt_##name##_scratch},
#include "runtime-lib/Calls.def"
  };
  return table;
}

int64_t inC(const std::string &name, const Shapes &shapes, const std::vector<int64_t> &ints) {
  std::vector<burin_rt_tensor> inputs;
  char data = 0;
  for (const std::vector<int64_t> &shape : shapes)
    inputs.push_back({&data, shape.data(), int32_t(shape.size()), BURIN_RT_F32});
  return rows().at(name)(inputs.data(), int32_t(inputs.size()), ints.data());
}

/// The formula with every extent a symbol of its own, evaluated.
int64_t inFormula(const std::string &name, const Shapes &shapes, const std::vector<int64_t> &ints) {
  DimContext context;
  std::map<std::string, int64_t> extents;
  llvm::SmallVector<llvm::SmallVector<DimExpr>> dims;
  for (const std::vector<int64_t> &shape : shapes) {
    auto &list = dims.emplace_back();
    for (int64_t extent : shape) {
      std::string symbol = "d" + std::to_string(extents.size());
      extents[symbol] = extent;
      list.push_back(context.named(symbol));
    }
  }
  DimExpr bytes = scratchBytes(name, dims, ints, context);
  REQUIRE(bytes);
  auto value = bytes.evaluate(
      [&](const DimSymbol &symbol) -> std::optional<int64_t> { return extents[symbol.name]; });
  REQUIRE(value);
  return *value;
}

} // namespace

TEST_CASE("scratch formulas equal the C functions", "[nn]") {
  std::mt19937 random(7);
  auto extent = [&] { return int64_t(random() % 9); };
  for (const auto &[name, scratch] : rows()) {
    for (int round = 0; round < 200; ++round) {
      Shapes shapes(11);
      for (std::vector<int64_t> &shape : shapes) {
        shape.resize(random() % 5);
        for (int64_t &size : shape)
          size = extent();
      }
      // det and inverse refuse what is not square, before they need scratch.
      if ((name == "det" || name == "inverse") && shapes[0].size() >= 2)
        shapes[0].back() = shapes[0][shapes[0].size() - 2];
      std::vector<int64_t> ints = {int64_t(random() % 5) - 1, int64_t(random() % 2),
                                   int64_t(random() % 2)};
      if (name == "svm_vote")
        ints[0] = extent();
      INFO(name << " round " << round);
      CHECK(inFormula(name, shapes, ints) == inC(name, shapes, ints));
    }
  }
}

TEST_CASE("scratch without a bound", "[nn]") {
  DimContext context;
  llvm::SmallVector<llvm::SmallVector<DimExpr>> unknown{{DimExpr(), DimExpr()}};
  CHECK_FALSE(scratchBytes("unique", unknown, {}, context));
  CHECK_FALSE(scratchBytes("no_such_row", unknown, {}, context));
  CHECK(scratchBytes("nonzero", unknown, {}, context).constant() == 0);
}
