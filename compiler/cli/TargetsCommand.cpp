//===- TargetsCommand.cpp - burin targets ---------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/cli/Commands.h"
#include "compiler/cli/Terminal.h"
#include "compiler/verify/Machine.h"
#include "targets/Target.h"

#include "llvm/Support/JSON.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace burin;
using namespace burin::cli;

static constexpr const char *kFooter = R"(
Give one of these names as --target. 'native', the default, is this machine with all its
instructions: the library may not run elsewhere. 'verified by' names what 'burin verify' runs
its libraries with: this process, or an emulator.)";

/// What code generation makes use of.
static std::vector<std::string> features(const Target &target) {
  std::vector<std::string> list;
  if (target.vectorBits > 32)
    list.push_back(fmt::format("{}-bit vectors", target.vectorBits));
  if (target.hasFma)
    list.push_back("fma");
  if (target.hasNativeHalf)
    list.push_back("f16");
  switch (target.byteDot.kind) {
  case ByteDot::none:
    break;
  case ByteDot::pairs:
  case ByteDot::halves:
    list.push_back("int16 dot products");
    break;
  case ByteDot::u8s8:
  case ByteDot::s8s8:
  case ByteDot::across:
    list.push_back("int8 dot products");
    break;
  }
  if (!target.hardFloat)
    list.push_back("software floats");
  if (target.device)
    list.push_back(fmt::format("kernels for {} and newer", target.device->cpu));
  return list;
}

/// Where `burin verify` runs the target's libraries.
static std::string runner(const Target &target) {
  if (runsInProcess(target))
    return "here";
  const std::vector<std::string> &command = target.runner.command;
  return command.empty() ? "-" : command.front();
}

static void printText() {
  std::vector<std::vector<std::string>> rows{
      {"target", "triple", "cpu", "verified by", "features used"}};
  for (const Target *target : allTargets())
    rows.push_back({target->name, target->triple, target->cpu, runner(*target),
                    fmt::format("{}", fmt::join(features(*target), ", "))});
  std::vector<size_t> widths(rows.front().size());
  for (const auto &row : rows)
    for (auto [width, text] : llvm::zip_equal(widths, row))
      width = std::max(width, text.size());
  for (const auto &row : rows) {
    std::string line;
    for (auto [width, text] : llvm::zip_equal(widths, row))
      line += fmt::format("{:<{}}  ", text, width);
    line = llvm::StringRef(line).rtrim().str() + '\n';
    llvm::outs() << (&row == &rows.front() ? bold(line) : line);
  }
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
        json.attribute("verified_by", runner(*target));
        // True, or why `burin verify` cannot run it on this machine.
        if (llvm::Error missing = verify::checkMachine(*target, {}))
          json.attribute("runs", llvm::toString(std::move(missing)));
        else
          json.attribute("runs", true);
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
