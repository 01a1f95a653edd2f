//===- SequenceOperatorsTest.cpp - Sequences and optionals ----------------===//
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

/// The operator on the sequence "s" of 1 x 2 tensors: {1, 2}, {3, 4}, {5, 6}.
static OperatorRun onSequence(const char *opType, int64_t opset = 17) {
  OperatorRun run(opType, opset);
  GraphProto &graph = run.graph();
  addTensor(graph, "a", kFloat, {1, 2}, rawBytes<float>({1, 2}));
  addTensor(graph, "b", kFloat, {1, 2}, rawBytes<float>({3, 4}));
  addTensor(graph, "c", kFloat, {1, 2}, rawBytes<float>({5, 6}));
  addNode(graph, "SequenceConstruct", {"a", "b", "c"}, {"s"});
  addNode(graph, "SequenceEmpty", {}, {"empty"});
  run.operand("s");
  return run;
}

/// Joins the sequence that the subject makes, so that a test can look at it.
static OperatorRun &joined(OperatorRun &run) {
  run.graph().clear_output();
  addInt(addNode(run.graph(), "ConcatFromSequence", {"y0"}, {"z"}), "axis", 0);
  addOutput(run.graph(), "z");
  return run;
}

TEST_CASE("sequences are read", "[importer][families]") {
  checkValues(onSequence("SequenceLength").value(), {}, {3});
  checkValues(onSequence("SequenceAt").constant({}, {1}, kInt64).value(), {1, 2}, {3, 4});
  checkValues(onSequence("SequenceAt").constant({}, {-1}, kInt32).value(), {1, 2}, {5, 6});
  checkValues(onSequence("ConcatFromSequence").set("axis", 1).value(), {1, 6}, {1, 2, 3, 4, 5, 6});
  checkValues(onSequence("ConcatFromSequence").set("axis", 0).set("new_axis", 1).value(), {3, 1, 2},
              {1, 2, 3, 4, 5, 6});
  for (double position : {3.0, -4.0})
    CHECK_THAT(onSequence("SequenceAt").constant({}, {position}, kInt64).error(),
               Contains("is not in a sequence of 3"));
  CHECK_THAT(onSequence("SequenceAt").input({}, {}, kInt64).error(), Contains("must be constant"));
  CHECK_THAT(onSequence("ConcatFromSequence").error(), Contains("axis"));
  CHECK_THAT(OperatorRun("SequenceLength", 17).input({2}, {}).error(),
             Contains("input 0 is not a sequence"));
}

TEST_CASE("sequences grow and shrink", "[importer][families]") {
  OperatorRun insert = onSequence("SequenceInsert").input({1, 2}, {8, 9});
  checkValues(joined(insert).value(), {4, 2}, {1, 2, 3, 4, 5, 6, 8, 9});
  OperatorRun front = onSequence("SequenceInsert").input({1, 2}, {8, 9}).constant({}, {0}, kInt64);
  checkValues(joined(front).value(), {4, 2}, {8, 9, 1, 2, 3, 4, 5, 6});
  OperatorRun erase = onSequence("SequenceErase").constant({}, {-2}, kInt64);
  checkValues(joined(erase).value(), {2, 2}, {1, 2, 5, 6});
  OperatorRun last = onSequence("SequenceErase");
  checkValues(joined(last).value(), {2, 2}, {1, 2, 3, 4});

  CHECK_THAT(onSequence("SequenceInsert").input({1, 2}, {}, kInt64).error(),
             Contains("cannot insert elements of"));
  CHECK_THAT(onSequence("SequenceInsert").input({1, 2}, {}).constant({}, {4}, kInt64).error(),
             Contains("is not in a sequence of 3"));
  CHECK_THAT(onSequence("SequenceInsert").operand("s").error(), Contains("is not a tensor"));
  OperatorRun empty("SequenceErase", 17);
  addNode(empty.graph(), "SequenceEmpty", {}, {"empty"});
  CHECK_THAT(empty.operand("empty").error(), Contains("cannot erase from an empty sequence"));
}

TEST_CASE("SplitToSequence", "[importer][families]") {
  auto split = [] { return OperatorRun("SplitToSequence", 24).input({3, 2}, {1, 2, 3, 4, 5, 6}); };
  auto at = [](OperatorRun run, int64_t position) {
    run.graph().clear_output();
    addTensor(run.graph(), "at", kInt64, {}, rawBytes<int64_t>({position}));
    addNode(run.graph(), "SequenceAt", {"y0", "at"}, {"z"});
    addOutput(run.graph(), "z");
    return run.value();
  };
  checkValues(at(split(), 1), {1, 2}, {3, 4});
  checkValues(at(split().set("keepdims", 0), 2), {2}, {5, 6});
  // Chunks of two: the last one is shorter.
  checkValues(at(split().constant({}, {2}, kInt64), 1), {1, 2}, {5, 6});
  checkValues(at(split().constant({2}, {1, 2}, kInt64), 1), {2, 2}, {3, 4, 5, 6});
  checkValues(at(split().set("axis", -1), 0), {3, 1}, {1, 3, 5});

  CHECK_THAT(split().constant({2}, {1, 1}, kInt64).error(), Contains("'split' covers 2 of 3"));
  CHECK_THAT(split().constant({2}, {1, 9}, kInt64).error(), Contains("'split' exceeds"));
  CHECK_THAT(split().constant({2}, {-1, 4}, kInt64).error(), Contains("'split' exceeds"));
  for (double chunk : {0.0, -1.0})
    CHECK_THAT(split().constant({}, {chunk}, kInt64).error(), Contains("cannot split"));
  CHECK_THAT(split().set("axis", 2).error(), Contains("axis"));
  OperatorRun("SplitToSequence", 24).input({int64_t(1) << 40}, {}).error();
}

TEST_CASE("SequenceMap", "[importer][families]") {
  auto map = [](const char *opType) {
    OperatorRun run = onSequence("SequenceMap");
    GraphProto &body = addGraph(run.node(), "body");
    body.set_name("body");
    addInput(body, "e", {1, 2});
    addNode(body, opType, {"e"}, {"f"});
    addOutput(body, "f");
    return run;
  };
  OperatorRun negated = map("Neg");
  checkValues(joined(negated).value(), {3, 2}, {-1, -2, -3, -4, -5, -6});
  CHECK_THAT(onSequence("SequenceMap").error(), Contains("body"));
  CHECK_THAT(map("SequenceConstruct").error(), Contains("one tensor per output"));
  // Sequences of two lengths.
  OperatorRun uneven = map("Neg").operand("empty");
  addInput(*uneven.node().mutable_attribute(0)->mutable_g(), "other", {1, 2});
  CHECK_THAT(uneven.error(), Contains("the first one 3"));
}

TEST_CASE("optionals", "[importer][families]") {
  auto made = [](const char *opType, bool isGiven, bool isTyped = true) {
    OperatorRun run(opType, 18);
    addInput(run.graph(), "v", {2});
    NodeProto &optional = addNode(run.graph(), "Optional", {}, {"o"}, "optional");
    if (isGiven)
      optional.add_input("v");
    else if (isTyped)
      setType(*addAttr(optional, "type", kAttrTypeProto).mutable_tp(), kFloat, {2});
    return run.operand("o");
  };
  // "v" is unused where the optional is empty, but an input all the same.
  auto has = [&](bool isGiven) {
    Imported result = import(made("OptionalHasElement", isGiven).proto());
    CHECK(result.messages == "");
    return result.has("dense<true>");
  };
  CHECK(has(true));
  CHECK_FALSE(has(false));
  CHECK(import(made("OptionalGetElement", true).proto()).messages == "");
  Imported untyped = import(made("OptionalGetElement", false, false).proto());
  CHECK(untyped.says("optional"));
  CHECK(untyped.says("needs the 'type' of a tensor"));
  checkValues(OperatorRun("OptionalGetElement", 18).input({2}, {7, 8}).value(), {2}, {7, 8});
}
