//===- ObjectTestSupport.h - Folders, programs and a model ------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TEST_UNIT_OBJECTTESTSUPPORT_H
#define BURIN_TEST_UNIT_OBJECTTESTSUPPORT_H

#include "codegen/object/ModelInterface.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace burin::test {

/// A folder that is removed with its contents.
class TempFolder {
public:
  TempFolder();
  ~TempFolder();
  std::string operator/(llvm::StringRef file) const;
  /// Names in the folder or one below, sorted.
  std::vector<std::string> listing(llvm::StringRef inner = "") const;

private:
  std::string path;
};

void writeFile(llvm::StringRef path, llvm::StringRef text);
std::string readFile(llvm::StringRef path);

/// The message of `error`, empty on success.
std::string messageOf(llvm::Error error);

/// Runs one of LLVM's tools with arguments; -1 when it does not start.
int run(std::vector<std::string> command);
/// Like run(), without its output, where failure is expected.
bool succeeds(std::vector<std::string> command);
int runFile(llvm::StringRef program);

/// A static model `demo`: float x[2][3] and quantised int8 q[4] to float y[2] and a
/// scalar.
object::ModelInterface staticModel();

/// A model `dyn` with dimensions N and "unk__7": x[N][3] to y[N][2*N+1], and
/// `picked`, whose first dimension depends on data.
object::ModelInterface dynamicModel();

} // namespace burin::test

#endif // BURIN_TEST_UNIT_OBJECTTESTSUPPORT_H
