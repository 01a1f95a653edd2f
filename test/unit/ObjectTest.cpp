//===- ObjectTest.cpp - Objects, archives and the files that appear -------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "test/unit/ObjectTestSupport.h"

#include "codegen/object/Archive.h"
#include "codegen/object/Library.h"

#include "llvm/Object/Archive.h"
#include "llvm/Object/ELFObjectFile.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <sys/resource.h>

using namespace burin::object;
using namespace burin::test;
using namespace llvm;

static std::vector<WeightConstant> exampleConstants(const std::vector<char> &bytes) {
  ArrayRef<char> all(bytes);
  return {{"demo_w0", 64, all.take_front(10)},
          {"demo_w1", 256, all.slice(10, 100)},
          {"demo_w2", 1, all.slice(110, 1)},
          {"demo_w3", 64, {}}};
}

static std::vector<char> countingBytes(size_t count) {
  std::vector<char> bytes(count);
  for (size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<char>(i * 7 + 1);
  return bytes;
}

static std::string writeWeights(const TempFolder &folder, StringRef file,
                                const ObjectFormat &format, ArrayRef<WeightConstant> constants) {
  OutputSet outputs;
  std::string path = folder / file;
  Expected<raw_fd_ostream &> out = outputs.open(path);
  REQUIRE(static_cast<bool>(out));
  REQUIRE(messageOf(writeWeightsObject(*out, format, "demo", constants)) == "");
  REQUIRE(messageOf(outputs.commit()) == "");
  return path;
}

TEST_CASE("weights.o links into a C program") {
  TempFolder folder;
  std::vector<char> bytes = countingBytes(200);
  std::string object = writeWeights(folder, "weights.o", {}, exampleConstants(bytes));
  writeFile(folder / "main.c", R"(
#include <stdint.h>
extern const unsigned char demo_w0[10], demo_w1[100], demo_w2[1], demo_w3[];
int main(void) {
  if ((uintptr_t)demo_w0 % 64 || (uintptr_t)demo_w1 % 256 || (uintptr_t)demo_w3 % 64)
    return 1;
  for (int i = 0; i < 100; ++i)
    if (demo_w1[i] != (unsigned char)((i + 10) * 7 + 1))
      return 2;
  return demo_w0[0] != 1 || demo_w2[0] != (unsigned char)(110 * 7 + 1);
})");
  for (StringRef linker : {"lld", "bfd"}) {
    INFO(linker.str());
    CHECK(run({"clang", "-Werror", "-fuse-ld=" + linker.str(), "-Wl,--fatal-warnings",
               folder / "main.c", object, "-o", folder / "main"}) == 0);
    CHECK(runFile(folder / "main") == 0);
  }
}

TEST_CASE("weights.o of every class and machine is well formed") {
  TempFolder folder;
  std::vector<char> bytes = countingBytes(200);
  const ObjectFormat formats[] = {{ObjectFormat::Elf, true, ELF::EM_X86_64, 0},
                                  {ObjectFormat::Elf, true, ELF::EM_AARCH64, 0},
                                  {ObjectFormat::Elf, false, ELF::EM_ARM, ELF::EF_ARM_EABI_VER5},
                                  {ObjectFormat::Elf, false, ELF::EM_RISCV, ELF::EF_RISCV_RVC}};
  for (ObjectFormat format : formats) {
    format.hasStackNote = format.is64;
    std::string path = writeWeights(folder, "w.o", format, exampleConstants(bytes));
    auto file = cantFail(llvm::object::ObjectFile::createObjectFile(path));
    auto *elf = cast<llvm::object::ELFObjectFileBase>(file.getBinary());
    CHECK(elf->getEMachine() == format.machine);
    CHECK(elf->getPlatformFlags() == format.flags);
    std::vector<std::string> names;
    for (const llvm::object::ELFSymbolRef &symbol : elf->symbols()) {
      names.push_back(cantFail(symbol.getName()).str());
      CHECK(symbol.getOther() == ELF::STV_HIDDEN);
      CHECK(symbol.getBinding() == ELF::STB_GLOBAL);
      auto section = cantFail(symbol.getSection());
      CHECK(cantFail(section->getName()) == ".rodata.burin.demo.weights");
    }
    CHECK(names == std::vector<std::string>{"demo_w0", "demo_w1", "demo_w2", "demo_w3"});
    CHECK(cantFail(readFormat(file.getBinary()->getData())).hasStackNote == format.is64);
  }
}

TEST_CASE("weights.o: bad constants are errors") {
  TempFolder folder;
  OutputSet outputs;
  raw_fd_ostream &out = cantFail(outputs.open(folder / "w.o"));
  CHECK(messageOf(writeWeightsObject(out, {}, "m", {{"m_w0", 3, {}}})) ==
        "weight \"m_w0\": impossible alignment 3");
  CHECK(messageOf(writeWeightsObject(out, {}, "m", {{"m_w0", 4, {}}, {"m_w0", 4, {}}})) ==
        "weight \"m_w0\": symbol is empty or repeated");
}

TEST_CASE("beyond 2 GiB weights move to .lrodata on x86-64 only") {
  CHECK_FALSE(isLargeSection({}, kLargeSection - 1));
  CHECK(isLargeSection({}, kLargeSection));
  CHECK_FALSE(isLargeSection({ObjectFormat::Elf, true, ELF::EM_AARCH64, 0}, kLargeSection));
  CHECK(weightsSectionSize({{"a", 64, {}}, {"b", 1, ArrayRef<char>("abc", 3)}}) == 3);
}

TEST_CASE("an archive has the same bytes twice, and linkers read it") {
  TempFolder folder;
  std::vector<char> bytes = countingBytes(200);
  std::vector<WeightConstant> constants = exampleConstants(bytes);
  writeFile(folder / "f.c", "extern const char demo_w1[]; int f(void) { return demo_w1[0]; }\n");
  writeFile(folder / "main.c", "int f(void); int main(void) { return f() - 71; }\n");
  REQUIRE(run({"clang", "-c", folder / "f.c", "-o", folder / "f.o"}) == 0);
  std::string object = readFile(folder / "f.o");
  std::string contents[2];
  for (std::string &content : contents) {
    OutputSet outputs;
    raw_fd_ostream &out = cantFail(outputs.open(folder / "libdemo.a"));
    ArchiveMember weights;
    weights.name = "weights_with_a_long_name.o";
    weights.size = weightsObjectSize({}, "demo", constants);
    weights.symbols = {"demo_w0", "demo_w1", "demo_w2", "demo_w3"};
    weights.write = [&](raw_ostream &to) { return writeWeightsObject(to, {}, "demo", constants); };
    ArchiveMember code = cantFail(objectMember("f.o", object));
    CHECK(code.symbols == std::vector<std::string>{"f"});
    REQUIRE(messageOf(writeArchive(out, ArchiveKind::Gnu, {code, weights})) == "");
    REQUIRE(messageOf(outputs.commit()) == "");
    content = readFile(folder / "libdemo.a");
  }
  CHECK(!contents[0].empty());
  CHECK(contents[0] == contents[1]);
  for (StringRef linker : {"lld", "bfd"}) {
    INFO(linker.str());
    CHECK(run({"clang", "-fuse-ld=" + linker.str(), folder / "main.c", folder / "libdemo.a", "-o",
               folder / "main"}) == 0);
    CHECK(runFile(folder / "main") == 0);
  }
  auto archive = cantFail(llvm::object::Archive::create(MemoryBufferRef(contents[0], "lib")));
  std::vector<std::string> names;
  Error error = Error::success();
  for (const llvm::object::Archive::Child &child : archive->children(error))
    names.push_back(cantFail(child.getName()).str());
  CHECK(messageOf(std::move(error)) == "");
  CHECK(names == std::vector<std::string>{"f.o", "weights_with_a_long_name.o"});
}

namespace {
/// A system's object format, its triple and how to link a shared library of its own.
struct System {
  const char *triple;
  ArchiveKind archive;
  std::vector<std::string> linker;
};
} // namespace

static const System kSystems[] = {
    {"x86_64-pc-windows-gnu",
     ArchiveKind::Coff,
     {"lld-link", "/machine:x64", "/dll", "/noentry", "/nodefaultlib", "/export:f"}},
    {"x86_64-apple-macos11",
     ArchiveKind::Darwin,
     {"ld64.lld", "-arch", "x86_64", "-platform_version", "macos", "11.0", "11.0", "-dylib",
      "-exported_symbol", "_f", "-u", "_f"}},
    {"arm64-apple-ios14",
     ArchiveKind::Darwin,
     {"ld64.lld", "-arch", "arm64", "-platform_version", "ios", "14.0", "14.0", "-dylib",
      "-exported_symbol", "_f", "-u", "_f"}},
    {"wasm32-unknown-unknown", ArchiveKind::Gnu, {"wasm-ld", "--no-entry", "--export=f"}},
};

TEST_CASE("weights of other systems lie in archives that their linkers read") {
  TempFolder folder;
  // Recognisable where the linker put them.
  std::vector<char> bytes = countingBytes(200);
  std::vector<WeightConstant> constants = exampleConstants(bytes);
  writeFile(folder / "f.c", "extern const char demo_w1[] __attribute__((visibility(\"hidden\")));\n"
                            "const char *f(void) { return demo_w1; }\n");
  for (const System &system : kSystems) {
    INFO(system.triple);
    REQUIRE(run({"clang", std::string("--target=") + system.triple, "-ffreestanding", "-O1", "-c",
                 folder / "f.c", "-o", folder / "f.o"}) == 0);
    std::string object = readFile(folder / "f.o");
    ObjectFormat format = cantFail(readFormat(object));
    ArchiveMember code = cantFail(objectMember("f.o", object));
    CHECK(code.symbols == std::vector<std::string>{format.symbolPrefix().str() + "f"});
    ArchiveMember weights;
    weights.name = "weights_with_a_long_name.o";
    weights.size = weightsObjectSize(format, "demo", constants);
    for (const WeightConstant &constant : constants)
      weights.symbols.push_back(format.symbolPrefix().str() + constant.symbol);
    weights.write = [&](raw_ostream &to) {
      return writeWeightsObject(to, format, "demo", constants);
    };
    {
      OutputSet outputs;
      raw_fd_ostream &out = cantFail(outputs.open(folder / "libdemo.a"));
      REQUIRE(messageOf(writeArchive(out, system.archive, {code, weights})) == "");
      REQUIRE(messageOf(outputs.commit()) == "");
    }
    std::string text = readFile(folder / "libdemo.a");
    auto archive = cantFail(llvm::object::Archive::create(MemoryBufferRef(text, "lib")));
    CHECK(archive->getNumberOfSymbols() == 5);
    for (const std::string &symbol : weights.symbols) {
      auto child = cantFail(archive->findSym(symbol));
      REQUIRE(child);
      CHECK(cantFail(child->getName()) == weights.name);
      std::unique_ptr<llvm::object::Binary> member = cantFail(child->getAsBinary());
      auto &file = *cast<llvm::object::ObjectFile>(member.get());
      CHECK(file.makeTriple().getArch() == Triple(system.triple).getArch());
      CHECK(range_size(file.symbols()) == constants.size());
    }

    std::vector<std::string> command = system.linker;
    bool isCoff = system.archive == ArchiveKind::Coff;
    command.push_back(isCoff ? "/out:" + (folder / "linked") : "-o");
    if (!isCoff)
      command.push_back(folder / "linked");
    command.push_back(folder / "libdemo.a");
    CHECK(run(command) == 0);
    CHECK(StringRef(readFile(folder / "linked")).contains(StringRef(bytes.data() + 10, 100)));
  }
}

TEST_CASE("weights too large for a format are errors") {
  // Nothing reads the bytes.
  std::vector<WeightConstant> constants = {{"m_w0", 64, {}}};
  constants[0].bytes = ArrayRef<char>(reinterpret_cast<const char *>(64), kLargeSection);
  std::string text;
  raw_string_ostream out(text);
  for (ObjectFormat::Kind kind : {ObjectFormat::Coff, ObjectFormat::MachO, ObjectFormat::Wasm}) {
    ObjectFormat format;
    format.kind = kind;
    CHECK(messageOf(writeWeightsObject(out, format, "m", constants)) ==
          "weights of 2147483648 bytes: an object of this system has less than 2 GiB");
  }
  ObjectFormat coff;
  coff.kind = ObjectFormat::Coff;
  CHECK(messageOf(writeWeightsObject(out, coff, "m", {{"m_w0", 16384, {}}})) ==
        "weight \"m_w0\": impossible alignment 16384");
}

TEST_CASE("an archive of what is no object is an error") {
  CHECK(messageOf(objectMember("x.o", "no object").takeError()) != "");
  ArchiveMember member;
  member.name = "x.o";
  member.size = 3;
  member.write = [](raw_ostream &out) {
    out << "four";
    return Error::success();
  };
  std::string text;
  raw_string_ostream out(text);
  CHECK(messageOf(writeArchive(out, ArchiveKind::Gnu, member)) ==
        "\"x.o\" has not the size that was announced");
}

TEST_CASE("output files appear together or not at all") {
  TempFolder folder;
  SECTION("committed, in folders that did not exist") {
    OutputSet outputs;
    cantFail(outputs.open(folder / "new/a.txt")) << "a";
    cantFail(outputs.open(folder / "new/b.txt")) << "b";
    CHECK_FALSE(sys::fs::exists(folder / "new/a.txt"));
    REQUIRE(messageOf(outputs.commit()) == "");
    CHECK(readFile(folder / "new/a.txt") == "a");
    CHECK(folder.listing("new") == std::vector<std::string>{"a.txt", "b.txt"});
  }
  SECTION("abandoned") {
    {
      OutputSet outputs;
      cantFail(outputs.open(folder / "a.txt")) << "a";
    }
    CHECK(folder.listing().empty());
  }
  SECTION("one cannot be put in its place") {
    {
      OutputSet outputs;
      cantFail(outputs.open(folder / "a.txt")) << "a";
      cantFail(outputs.open(folder / "b.txt")) << "b";
      // A folder that is not empty has taken the place since.
      REQUIRE(!sys::fs::create_directories(folder / "b.txt/inner"));
      CHECK(messageOf(outputs.commit()) != "");
    }
    CHECK(folder.listing() == std::vector<std::string>{"b.txt"});
  }
  SECTION("a folder is in the way from the start") {
    REQUIRE(!sys::fs::create_directory(folder / "a.txt"));
    OutputSet outputs;
    CHECK(StringRef(messageOf(outputs.open(folder / "a.txt").takeError())).contains("a.txt"));
  }
  SECTION("the disk is full") {
    std::vector<char> bytes = countingBytes(1 << 20);
    rlimit before, small;
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    small = before;
    small.rlim_cur = 1 << 16;
    auto handler = signal(SIGXFSZ, SIG_IGN);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::string message;
    {
      OutputSet outputs;
      cantFail(outputs.open(folder / "a.txt")) << "a";
      raw_fd_ostream &out = cantFail(outputs.open(folder / "w.o"));
      cantFail(writeWeightsObject(out, {}, "m", {{"m_w0", 64, bytes}}));
      message = messageOf(outputs.commit());
    }
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    CHECK(StringRef(message).contains("w.o"));
    CHECK(folder.listing().empty());
  }
}
