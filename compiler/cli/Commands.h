//===- Commands.h - The subcommands of burin --------------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// A subcommand adds itself to the parser, and its callback leaves the exit code.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_CLI_COMMANDS_H
#define BURIN_COMPILER_CLI_COMMANDS_H

#include "compiler/driver/Compile.h"

namespace CLI {
class App;
} // namespace CLI

namespace burin::cli {

/// What a run of the program keeps: nothing is global.
struct Session {
  int exitCode = kExitOk;
};

void addCompileCommand(CLI::App &app, Session &session);
void addVerifyCommand(CLI::App &app, Session &session);
void addBenchCommand(CLI::App &app, Session &session);
void addInspectCommand(CLI::App &app, Session &session);
void addTargetsCommand(CLI::App &app, Session &session);

/// Adds the options that all commands which compile share: MODEL, --target, --dim,
/// --shape, -O, --exact, --name, --trace. `options` must live as long as `command`.
struct ModelArguments {
  CompileOptions options;
  bool trace = false;
  /// The compile options as given, with --trace on stderr.
  CompileOptions resolved() const;
};
void addModelArguments(CLI::App &command, ModelArguments &arguments, bool modelIsRequired = true);

} // namespace burin::cli

#endif // BURIN_COMPILER_CLI_COMMANDS_H
