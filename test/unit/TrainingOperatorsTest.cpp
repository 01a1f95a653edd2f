//===- TrainingOperatorsTest.cpp - Losses and optimisers' steps -----------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/OperatorRun.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::onnx;
using namespace burin::test;
using Catch::Matchers::Contains;

/// An optimiser with rate 0.1 after `count` updates: X, gradients, states.
static OperatorRun optimizer(const char *name, double count, size_t states) {
  OperatorRun run(name, 1, "ai.onnx.preview.training");
  run.input({}, {0.1}).input({}, {count}, kInt64).input({2}, {1, 2}).input({2}, {-1, 0.5});
  run.set("norm_coefficient", 0.01);
  run.results(static_cast<int>(1 + states));
  return run;
}

TEST_CASE("Adagrad", "[importer][families]") {
  auto step = [] {
    return optimizer("Adagrad", 2, 1).set("decay_factor", 0.1).set("epsilon", 0.01);
  };
  std::vector<Values> y = step().input({2}, {2, 2}).run();
  REQUIRE(y.size() == 2);
  checkValues(y[0], {2}, {1.047515, 1.971431});
  checkValues(y[1], {2}, {2.9801, 2.2704});
  CHECK_THAT(step().error(), Contains("has 2 tensors, expected 3 for each optimised one"));
  CHECK_THAT(step().missing().input({2}, {}).input({2}, {}).input({2}, {}).error(),
             Contains("is missing"));
}

TEST_CASE("Adam", "[importer][families]") {
  auto step = [](double count) {
    return optimizer("Adam", count, 2)
        .input({2}, {0.5, 0.25})
        .input({2}, {0.1, 0.2})
        .set("alpha", 0.9)
        .set("beta", 0.99)
        .set("epsilon", 0.01)
        .set("norm_coefficient_post", 0.05);
  };
  std::vector<Values> y = step(3).run();
  REQUIRE(y.size() == 3);
  checkValues(y[0], {2}, {0.8876036, 1.863461});
  checkValues(y[1], {2}, {0.351, 0.277});
  checkValues(y[2], {2}, {0.108801, 0.200704});
  checkValues(step(0).value(), {2}, {0.8518832, 1.842544});
  CHECK_THAT(step(0).input({2}, {}).error(), Contains("has 5 tensors"));
}

TEST_CASE("Momentum", "[importer][families]") {
  auto step = [](double count, const char *mode) {
    return optimizer("Momentum", count, 1)
        .input({2}, {0.5, 0.25})
        .set("alpha", 0.95)
        .set("beta", 0.8)
        .set("mode", mode);
  };
  std::vector<Values> y = step(1, "standard").run();
  REQUIRE(y.size() == 2);
  checkValues(y[0], {2}, {1.0317, 1.93465});
  checkValues(y[1], {2}, {-0.317, 0.6535});
  checkValues(step(1, "nesterov").value(), {2}, {1.129115, 1.885917});
  checkValues(step(0, "standard").value(), {2}, {1.0515, 1.92425});
  CHECK_THAT(step(1, "fast").error(), Contains("mode is 'fast'"));
}

TEST_CASE("NegativeLogLikelihoodLoss", "[importer][families]") {
  auto loss = [](std::vector<double> classes) {
    return OperatorRun("NegativeLogLikelihoodLoss", 22)
        .input({2, 3}, {-1.609438, -1.203973, -0.6931472, -0.5108256, -1.203973, -2.302585})
        .input({2}, std::move(classes), kInt64);
  };
  checkValues(loss({2, 0}).input({3}, {0.5, 1, 2}).value(), {}, {0.6566829});
  checkValues(loss({2, 0}).set("reduction", "none").value(), {2}, {0.6931472, 0.5108256});
  checkValues(loss({2, 0}).set("reduction", "sum").value(), {}, {1.2039728});
  // An ignored class counts neither above nor below, wherever it lies.
  checkValues(loss({2, -7}).set("ignore_index", -7).value(), {}, {0.6931472});
  CHECK_THAT(loss({2, 0}).set("reduction", "max").error(), Contains("reduction is 'max'"));
  CHECK_THAT(loss({2, 0}).input({3, 1}, {}).error(), Contains("the weight"));
  CHECK_THAT(OperatorRun("NegativeLogLikelihoodLoss", 22)
                 .input({2, 3, 4}, {})
                 .input({2}, {}, kInt64)
                 .error(),
             Contains("the target"));
  CHECK_THAT(
      OperatorRun("NegativeLogLikelihoodLoss", 22).input({3}, {}).input({}, {}, kInt64).error(),
      Contains("the input"));
}

TEST_CASE("SoftmaxCrossEntropyLoss", "[importer][families]") {
  auto loss = [](int64_t secondClass) {
    return OperatorRun("SoftmaxCrossEntropyLoss", 13)
        .input({2, 3}, {1, 2, 3, 0, -1, 0.5})
        .input({2}, {2, static_cast<double>(secondClass)}, kInt64);
  };
  std::vector<Values> y = loss(0).set("ignore_index", 0).set("reduction", "none").results(2).run();
  REQUIRE(y.size() == 2);
  checkValues(y[0], {2}, {0.407606, 0});
  checkValues(y[1], {2, 3}, {-2.407606, -1.407606, -0.407606, -1.104131, -2.104131, -0.6041306});
  checkValues(loss(2).set("reduction", "sum").value(), {}, {0.407606 + 0.6041306});
  checkValues(loss(1).value(), {}, {(0.407606 + 2.104131) / 2});
  CHECK_THAT(
      OperatorRun("SoftmaxCrossEntropyLoss", 13).input({3}, {}).input({3}, {}, kInt64).error(),
      Contains("the scores"));
}
