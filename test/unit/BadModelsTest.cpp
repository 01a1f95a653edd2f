//===- BadModelsTest.cpp - Whatever the file, a message -------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/BadModels.h"
#include "test/unit/OnnxTestSupport.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <set>
#include <sys/wait.h>

using namespace burin;
using namespace burin::test;

TEST_CASE("every bad model gives its message, in bounded time", "[badmodels]") {
  std::vector<BadModel> table = badModels();
  CHECK(table.size() >= 40);
  std::set<std::string> names;
  for (const BadModel &bad : table) {
    CAPTURE(bad.name);
    CHECK(names.insert(bad.name).second);
    TemporaryFolder folder;
    bad.write(folder.path());
    auto start = std::chrono::steady_clock::now();
    Imported result = importFile(folder.file("model.onnx"));
    double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    CAPTURE(result.messages);
    CHECK(result.ir.empty());
    CHECK(result.errors > 0);
    CHECK(result.says(bad.message));
    CHECK(result.says("error: "));
    CHECK(seconds < 20);
  }
}

#ifdef BURIN_CLI
TEST_CASE("the command line ends with exit code 2 on every bad model", "[badmodels]") {
  for (const BadModel &bad : badModels()) {
    CAPTURE(bad.name);
    TemporaryFolder folder;
    bad.write(folder.path());
    std::string messages = folder.file("messages");
    std::string command = std::string(BURIN_CLI) + " compile " + folder.file("model.onnx") +
                          " -o " + folder.file("out") + " 2> " + messages + " > /dev/null";
    int status = std::system(command.c_str());
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 2);
    std::ifstream stream(messages);
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    CAPTURE(text);
    CHECK(text.find(bad.message) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.file("out") + "/libmodel.a"));
  }
}
#endif
