//===- Diagnostics.cpp - What is wrong with a model -----------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/onnx/Diagnostics.h"

using namespace burin;
using llvm::raw_ostream;
using llvm::StringRef;

static StringRef severityName(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Note:
    return "note";
  }
  return "error";
}

static raw_ostream::Colors severityColour(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return raw_ostream::RED;
  case Severity::Warning:
    return raw_ostream::MAGENTA;
  case Severity::Note:
    return raw_ostream::CYAN;
  }
  return raw_ostream::RED;
}

// Names come out of files: control characters must not reach a terminal.
static std::string printable(StringRef text) {
  std::string clean = text.str();
  for (char &c : clean)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
      c = '?';
  return clean;
}

std::string Message::str() const {
  std::string line = subject;
  if (!line.empty())
    line += ": ";
  line += severityName(severity).str() + ": " + text;
  for (const Message &note : notes)
    line += "\n" + note.str();
  return line;
}

void Diagnostics::add(Message message) {
  message.subject = printable(message.subject);
  message.text = printable(message.text);
  if (message.severity == Severity::Error)
    ++errors;
  else if (message.severity == Severity::Warning)
    ++warnings;
  if (repeats[message.text]++ >= kMaxRepeats || kept.size() >= kMaxMessages) {
    ++held;
    return;
  }
  if (out) {
    print(message, message.subject);
    for (const Message &note : message.notes)
      print(note, note.subject);
    out->flush();
  }
  kept.push_back(std::move(message));
}

void Diagnostics::print(const Message &message, StringRef subject) {
  if (!subject.empty())
    *out << subject << ": ";
  if (colour)
    out->changeColor(severityColour(message.severity), /*Bold=*/true);
  *out << severityName(message.severity) << ": ";
  if (colour)
    out->resetColor();
  *out << message.text << "\n";
}

std::string Diagnostics::str() const {
  std::string text;
  for (const Message &message : kept)
    text += message.str() + "\n";
  return text;
}

void Diagnostics::finish() {
  if (held && out)
    *out << held << " more messages like these\n";
  held = 0;
}
