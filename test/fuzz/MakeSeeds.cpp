//===- MakeSeeds.cpp - The corpus to start fuzzing from -------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Writes every bad model of the tests, one model for every operator, and good ones of
// those operators that random operands hardly reach.
//
//===----------------------------------------------------------------------===//

#include "test/unit/BadModels.h"
#include "test/unit/FamilyModels.h"
#include "test/unit/OperatorModels.h"

#include <cstdio>
#include <fstream>
#include <iterator>

using namespace burin::test;
namespace fs = std::filesystem;

static void save(const fs::path &path, const std::string &bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  fs::path corpus = argv[1];
  fs::create_directories(corpus);
  fs::path scratch = corpus / "scratch";
  for (const BadModel &bad : badModels()) {
    if (bad.name == "functions-blow-up") // long by design, longer with sanitizers
      continue;
    fs::create_directory(scratch);
    bad.write(scratch);
    if (fs::is_regular_file(scratch / "model.onnx")) {
      std::ifstream stream(scratch / "model.onnx", std::ios::binary);
      save(corpus / bad.name, std::string(std::istreambuf_iterator<char>(stream), {}));
    }
    fs::remove_all(scratch);
  }
  forEachOperatorModel(/*thorough=*/false, [&](const std::string &name, const auto &model) {
    save(corpus / name, model.SerializeAsString());
  });
  int number = 0;
  for (const OperatorRun &run : familyModels())
    save(corpus / ("good-" + std::to_string(number++)), run.proto().SerializeAsString());
  return 0;
}
