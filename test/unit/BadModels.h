//===- BadModels.h - Files that must fail with a message --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_BADMODELS_H
#define BURIN_TEST_UNIT_BADMODELS_H

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace burin::test {

struct BadModel {
  std::string name;
  /// A part of what must be said about it.
  std::string message;
  /// Writes `model.onnx`, and what belongs to it, into an empty folder.
  std::function<void(const std::filesystem::path &folder)> write;
};

/// The table: one row for every way to be wrong.
std::vector<BadModel> badModels();

} // namespace burin::test

#endif // BURIN_TEST_UNIT_BADMODELS_H
