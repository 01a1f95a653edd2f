//===- TargetsCommand.cpp - burin targets ---------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/cli/Commands.h"
#include "compiler/cli/Terminal.h"
#include "targets/Target.h"

#include "llvm/Support/JSON.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace burin;
using namespace burin::cli;

static constexpr const char *kFooter = R"(
Give one of these names as --target. 'native', the default, is this machine with all its
instructions: the library may not run elsewhere.)";

/// What code generation makes use of.
static std::vector<std::string> features(const Target &target) {
  std::vector<std::string> list;
  list.push_back(fmt::format("{}-bit vectors", target.vectorBits));
  if (target.hasFma)
    list.push_back("fma");
  if (target.hasNativeHalf)
    list.push_back("f16");
  if (target.byteDot.kind == ByteDot::u8s8 || target.byteDot.kind == ByteDot::s8s8)
    list.push_back("int8 dot products");
  return list;
}

static void printText() {
  llvm::outs() << bold(
      fmt::format("{:<12} {:<28} {:<16} {}\n", "target", "triple", "cpu", "features used"));
  for (const Target *target : allTargets())
    llvm::outs() << fmt::format("{:<12} {:<28} {:<16} {}\n", target->name, target->triple,
                                target->cpu, fmt::join(features(*target), ", "));
}

static void writeJson(llvm::raw_ostream &out) {
  llvm::json::OStream json(out, 2);
  json.array([&] {
    for (const Target *target : allTargets())
      json.object([&] {
        json.attribute("name", target->name);
        json.attribute("triple", target->triple);
        json.attribute("cpu", target->cpu);
        json.attribute("vector_bits", target->vectorBits);
        json.attribute("arena_align", target->arenaAlignment);
        json.attribute("hosted", target->hosted);
        json.attributeArray("features", [&] {
          for (const std::string &feature : features(*target))
            json.value(feature);
        });
      });
  });
  out << '\n';
}

void cli::addTargetsCommand(CLI::App &app, Session &session) {
  CLI::App *command = app.add_subcommand("targets", "List the machines to compile for");
  auto json = std::make_shared<std::string>();
  command->add_option("--json", *json, "Write the list as JSON; '-' for stdout")->type_name("FILE");
  command->footer(kFooter);
  command->callback([json, &session] {
    if (*json != "-")
      printText();
    if (!json->empty() && !writeFile(*json, writeJson))
      session.exitCode = kExitCannotCompile;
  });
}
