//===- Main.cpp - The burin command ---------------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/cli/Commands.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <exception>

using namespace burin;
using namespace burin::cli;

static constexpr const char *kDescription =
    "Burin compiles ONNX models to static libraries without dependencies.";

static constexpr const char *kFooter = R"(
Examples:
  burin compile model.onnx -o build       libmodel.a, model.h, model.hpp, model.json
  burin verify model.onnx                 run it against the data sets beside the model
  burin bench model.onnx                  how fast is it here?
  burin inspect model.onnx                what is in it, and does Burin support it?
  burin COMMAND --help                    all options, with examples

Exit codes: 0 fine, 1 outputs differ, 2 bad arguments or a model that cannot be compiled,
3 over a budget (--max-ram, --max-flash, --max-macs).)";

/// Help that keeps the examples' lines as they are.
static std::shared_ptr<CLI::Formatter> makeFormatter() {
  auto formatter = std::make_shared<CLI::Formatter>();
  formatter->column_width(34);
  return formatter;
}

static int run(int argc, char **argv) {
  CLI::App app(kDescription, "burin");
  app.footer(kFooter);
  app.formatter(makeFormatter());
  app.set_version_flag("--version", "burin " + burinVersion().str());
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.failure_message([](const CLI::App *failed, const CLI::Error &error) {
    std::string command = failed->get_name();
    for (const CLI::App *sub : failed->get_subcommands())
      command += " " + sub->get_name();
    return "burin: error: " + std::string(error.what()) + "\nSee '" + command + " --help'.\n";
  });

  Session session;
  addCompileCommand(app, session);
  addVerifyCommand(app, session);
  addBenchCommand(app, session);
  addInspectCommand(app, session);
  addTargetsCommand(app, session);
  if (argc == 1) {
    llvm::outs() << app.help();
    return kExitOk;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? kExitOk : kExitCannotCompile;
  }
  llvm::outs().flush();
  return session.exitCode;
}

int main(int argc, char **argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception &error) {
    llvm::errs() << "burin: error: " << error.what() << '\n';
  }
  return kExitCannotCompile;
}
