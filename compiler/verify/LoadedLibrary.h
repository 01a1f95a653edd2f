//===- LoadedLibrary.h - A compiled model in this process -------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// Links the very objects that the archive ships into memory of this process. Nothing
// but memcpy, memset and memmove is offered to them: an object that needs more does
// not load, here as on a device without a C library.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_LOADEDLIBRARY_H
#define BURIN_COMPILER_VERIFY_LOADEDLIBRARY_H

#include "codegen/object/Descriptor.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace llvm::orc {
class ExecutionSession;
class JITDylib;
class ObjectLinkingLayer;
} // namespace llvm::orc

namespace burin::verify {

/// A symbol that this program defines for what is linked.
struct Import {
  std::string name;
  void *address;
};

class LoadedLibrary {
public:
  /// Links relocatable objects for this machine. They are read once and can go
  /// afterwards; constants are copied once, to read-only pages near the code.
  /// Fails on objects of other machines, symbols that nobody defines, a missing or
  /// newer descriptor.
  static llvm::Expected<LoadedLibrary>
  link(llvm::StringRef model, std::vector<std::unique_ptr<llvm::MemoryBuffer>> objects,
       llvm::ArrayRef<Import> more = {});

  LoadedLibrary(LoadedLibrary &&);
  LoadedLibrary &operator=(LoadedLibrary &&) = delete;
  ~LoadedLibrary();

  const object::Descriptor &descriptor() const { return *found; }
  /// The address of any symbol, or null.
  template <typename Pointer> Pointer lookup(llvm::StringRef name) {
    return reinterpret_cast<Pointer>(find(name));
  }

private:
  void *find(llvm::StringRef name);
  LoadedLibrary();
  std::unique_ptr<llvm::orc::ExecutionSession> session;
  std::unique_ptr<llvm::orc::ObjectLinkingLayer> layer;
  llvm::orc::JITDylib *dylib = nullptr;
  const object::Descriptor *found = nullptr;
};

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_LOADEDLIBRARY_H
