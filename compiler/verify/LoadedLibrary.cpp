//===- LoadedLibrary.cpp - A compiled model in this process ---------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/LoadedLibrary.h"

#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/ExecutionEngine/Orc/ExecutorProcessControl.h"
#include "llvm/ExecutionEngine/Orc/MapperJITLinkMemoryManager.h"
#include "llvm/ExecutionEngine/Orc/MemoryMapper.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/ExecutionEngine/Orc/TaskDispatch.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;
using namespace burin::verify;
using burin::object::Descriptor;

static Error fail(const Twine &message) {
  return createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

LoadedLibrary::LoadedLibrary() = default;
LoadedLibrary::LoadedLibrary(LoadedLibrary &&) = default;

LoadedLibrary::~LoadedLibrary() {
  if (session)
    consumeError(session->endSession());
}

static Error defineImports(orc::ExecutionSession &session, orc::JITDylib &dylib,
                           ArrayRef<Import> more) {
  orc::SymbolMap imports;
  auto add = [&](StringRef name, auto *function) {
    imports[session.intern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                     JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  };
  add("memcpy", static_cast<void *(*)(void *, const void *, size_t)>(&std::memcpy));
  add("memmove", static_cast<void *(*)(void *, const void *, size_t)>(&std::memmove));
  add("memset", static_cast<void *(*)(void *, int, size_t)>(&std::memset));
  for (const Import &import : more)
    add(import.name, import.address);
  return dylib.define(orc::absoluteSymbols(std::move(imports)));
}

Expected<LoadedLibrary> LoadedLibrary::link(StringRef model,
                                            std::vector<std::unique_ptr<MemoryBuffer>> objects,
                                            ArrayRef<Import> more) {
  // Code reaches constants with 32-bit offsets, so that all objects have to lie in one
  // reservation: their files' sizes bound what they need, but for zeroed sections,
  // which a library without state has not.
  size_t reservation = 1 << 20;
  for (const auto &object : objects)
    reservation += alignTo(object->getBufferSize(), 1 << 16) + (1 << 20);

  auto process = orc::SelfExecutorProcessControl::Create(
      nullptr, std::make_unique<orc::InPlaceTaskDispatcher>());
  if (!process)
    return process.takeError();
  auto memory =
      orc::MapperJITLinkMemoryManager::CreateWithMapper<orc::InProcessMemoryMapper>(reservation);
  if (!memory)
    return memory.takeError();

  LoadedLibrary library;
  library.session = std::make_unique<orc::ExecutionSession>(std::move(*process));
  orc::ExecutionSession &session = *library.session;
  // Errors come back from lookup() as well; the default handler would print them.
  std::string firstError;
  session.setErrorReporter([&firstError](Error error) {
    std::string text = toString(std::move(error));
    if (firstError.empty())
      firstError = std::move(text);
  });
  auto failed = [&](Error error) -> Error {
    std::string text = toString(std::move(error));
    return fail("cannot load the object: " + (firstError.empty() ? text : firstError));
  };
  library.layer = std::make_unique<orc::ObjectLinkingLayer>(session, std::move(*memory));
  auto &dylib = session.createBareJITDylib(model.str());
  library.dylib = &dylib;
  auto run = [&]() -> Error {
    if (Error error = defineImports(session, dylib, more))
      return error;
    for (auto &object : objects)
      if (Error error = library.layer->add(dylib, std::move(object)))
        return error;
    auto symbol = session.lookup({&dylib}, session.intern((model + "_descriptor").str()));
    if (!symbol)
      return symbol.takeError();
    library.found = symbol->getAddress().toPtr<const Descriptor *>();
    return Error::success();
  };
  if (Error error = run()) {
    Error reported = failed(std::move(error));
    session.setErrorReporter([](Error late) { consumeError(std::move(late)); });
    return reported;
  }
  session.setErrorReporter([](Error error) { consumeError(std::move(error)); });
  if (library.found->abiVersion != object::kAbiVersion ||
      library.found->descriptorBytes < sizeof(Descriptor))
    return fail("the library is of another version of Burin");
  return library;
}

void *LoadedLibrary::find(StringRef name) {
  auto symbol = session->lookup({dylib}, session->intern(name));
  if (symbol)
    return symbol->getAddress().toPtr<void *>();
  consumeError(symbol.takeError());
  return nullptr;
}
