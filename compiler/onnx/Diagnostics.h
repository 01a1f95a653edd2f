//===- Diagnostics.h - What is wrong with a model ---------------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// One run collects all problems of a model. Messages look like a compiler's:
//   model.onnx: node "/layer1/Conv" (Conv): error: group 3 does not divide 64
// A subject ("model.onnx: node … (Conv)") says what the message is about.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_ONNX_DIAGNOSTICS_H
#define BURIN_COMPILER_ONNX_DIAGNOSTICS_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace burin {

enum class Severity : uint8_t { Error, Warning, Note };

struct Message {
  Severity severity = Severity::Error;
  std::string subject; ///< may be empty
  std::string text;
  std::vector<Message> notes;

  /// `subject: error: text`, and a line per note.
  std::string str() const;
};

class Diagnostics {
public:
  /// Messages are kept, and shown on `out` as they come where it is set;
  /// coloured where `colour` says so (a terminal).
  explicit Diagnostics(llvm::raw_ostream *out = nullptr, bool colour = false)
      : out(out), colour(colour) {}

  void error(llvm::StringRef subject, const llvm::Twine &text) {
    add({Severity::Error, subject.str(), text.str(), {}});
  }
  void warning(llvm::StringRef subject, const llvm::Twine &text) {
    add({Severity::Warning, subject.str(), text.str(), {}});
  }
  void add(Message message);

  bool hasErrors() const { return errors > 0; }
  /// All of them, shown or not.
  size_t errorCount() const { return errors; }
  size_t warningCount() const { return warnings; }
  const std::vector<Message> &messages() const { return kept; }
  /// All kept messages as plain text, a line each.
  std::string str() const;
  /// Says how many messages were held back, if any. Call once at the end.
  void finish();

  /// Of messages with the same text (whatever the subject) so many are shown,
  static constexpr unsigned kMaxRepeats = 5;
  /// and so many in all.
  static constexpr unsigned kMaxMessages = 200;

private:
  void print(const Message &message, llvm::StringRef subject);

  llvm::raw_ostream *out;
  bool colour;
  size_t errors = 0, warnings = 0, held = 0;
  std::vector<Message> kept;
  llvm::StringMap<unsigned> repeats;
};

} // namespace burin

#endif // BURIN_COMPILER_ONNX_DIAGNOSTICS_H
