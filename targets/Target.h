//===- Target.h - What code generation knows of a target --------*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
// One description per target, in one file per architecture. Everything that
// depends on the target reads it here.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_TARGETS_TARGET_H
#define BURIN_TARGETS_TARGET_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/CodeGen.h"
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace burin {

/// Shape of the accumulators that a matrix kernel keeps in registers.
struct RegisterTile {
  unsigned rows = 1;    ///< MR
  unsigned columns = 4; ///< NR, in elements
};

/// How a target adds up products of bytes in one instruction, in each i32 lane of
/// a register. `intrinsics` holds LLVM's name by number of lanes.
struct ByteDot {
  enum Kind {
    none,   ///< nothing better than a product of widened elements
    pairs,  ///< two products of i16; the sums are added by hand (pmaddwd)
    u8s8,   ///< adds four products of u8 and s8 (vpdpbusd)
    s8s8,   ///< adds four products of s8 (sdot)
    halves, ///< adds two products of i16 in one word, bytes widened by twos (smlad)
    across, ///< adds sixteen products of s8 to one i32, out of llvm.vector.reduce.add (vmlava)
  } kind = none;
  std::vector<std::pair<unsigned, std::string>> intrinsics;
  /// halves: widens bytes 0 and 2 of a word, as signed and as unsigned ones.
  std::string widenSigned{}, widenUnsigned{};
  /// s8s8: multiplies two rows of eight bytes by two columns of eight, into four
  /// lanes (smmla); empty: none.
  std::string blocks{};
};

/// An instruction by which the 32 threads of a warp multiply a piece of 16 rows by one of 8
/// columns and add it to 16 by 8 sums of 32 bits. The threads hold the pieces as the PTX ISA
/// lays them out for mma.m16n8k8 to m16n8k32: factors in words of as many elements as fit.
struct MatrixUnit {
  /// Floats are summed in f32, rounded toward zero; of a tf32 the upper 19 bits count.
  enum Factor { f16, bf16, tf32, s8, u8 } left, right;
  unsigned depth;        ///< columns of the left piece, rows of the right one
  std::string intrinsic; ///< LLVM's name

  bool sumsFloats() const { return left <= tf32; }
};

/// How `burin verify` runs a library of the target, on this or any machine.
struct Runner {
  /// Folder lib/burin/harness/<it> with the objects (*.o) of the program that is linked
  /// around the library; empty: nothing runs it here.
  std::string harness;
  std::string linker = "ld.lld"; ///< also searched with LLVM's version behind it
  std::vector<std::string> linkArguments;
  /// Emulator and its arguments. `{program}` becomes the linked file, and in both lists
  /// `{harness}` the folder above. It runs in a folder with the file `request.bin`.
  std::vector<std::string> command;
  std::string package; ///< Debian's, which brings the emulator
  /// What the emulator says when it fails now and then through no fault of the program: it is
  /// started again, a few times.
  std::vector<std::string> startTroubles;
  unsigned guardBytes = 4096; ///< around each buffer
  unsigned setsAtOnce = 64;   ///< data sets in one run of the emulator
};

struct Target {
  std::string name; ///< as in `--target`
  std::string triple, cpu, features;
  std::string abi; ///< LLVM's name where the triple leaves it open
  /// Folder of the runtime library's bitcode (lib/burin/runtime/<it>).
  std::string runtimeFolder;

  unsigned pointerBits = 64; ///< also the width of `index`
  unsigned vectorBits = 128; ///< widest vector register worth using; 32: none
  unsigned vectorRegisters = 16;
  unsigned arenaAlignment = 64; ///< bytes
  bool hardFloat = true, hardDouble = true;
  bool hasFma = false;
  bool hasNativeHalf = false; ///< f16 <-> f32 conversions in hardware
  bool hasRounding = false;   ///< floor, ceil, trunc, rint in hardware
  bool hosted = true;         ///< an operating system below
  bool positionIndependent = true;
  /// No compiler's library either: runtime-lib/Helpers.c has what LLVM's code calls.
  bool linksHelpers = false;
  bool optimizeForSize = false; ///< small code before fast code, unless -O3 is asked for
  /// LLVM intrinsic from f32 to f32 whose result holds the bits of the nearest i32,
  /// half to even, saturating; empty: none.
  std::string roundToWord;
  /// The same for vectors: llvm.rint and llvm.fptosi.sat are instructions.
  bool roundsVectors = false;
  /// LLVM 19 selects llvm.minimum and llvm.maximum of f64; where f64 has registers of its own
  /// but i64 takes two, it aborts.
  bool selectsDoubleExtrema = true;
  /// LLVM inverts comparisons of float vectors as if there were no NaN.
  bool invertsCompares = false;

  /// Products take one lane of a register as operand; loads into all lanes are
  /// dearer (NEON).
  bool multipliesByLane = false;

  /// Assembly of a function `{name}` that frames larger than a page call before they are
  /// taken, where the system wants every page touched in order; empty: it does not.
  std::string stackProbe;

  RegisterTile f32Tile; ///< default tile of f32 products
  RegisterTile i8Tile;  ///< the same for int8
  ByteDot byteDot;

  Runner runner;
  /// A GPU beside this machine that runs the groups; null where there is none.
  std::shared_ptr<const Target> device;
  unsigned blockThreads = 0; ///< of a GPU: threads that share a block's memory
  std::vector<MatrixUnit> matrixUnits;

  /// Registers the architecture's LLVM backend; cheap and repeatable.
  void (*initialize)() = nullptr;
};

/// All targets, in the order to list them.
llvm::ArrayRef<const Target *> allTargets();
/// By name ("native" is the host with all it has); null where unknown.
const Target *findTarget(llvm::StringRef name);
/// What to tell a user who asks for a target of that name, which there is not: with the
/// nearest name, where one is near.
std::string unknownTargetMessage(llvm::StringRef name);

/// The targets of one architecture (X86.cpp, ...).
std::vector<Target> x86Targets();
std::vector<Target> aarch64Targets();
std::vector<Target> riscVTargets();
std::vector<Target> cortexMTargets();
std::vector<Target> windowsTargets();
std::vector<Target> appleTargets();
std::vector<Target> wasmTargets();
std::vector<Target> nvPtxTargets();

/// Whether this process can execute the target's code: same architecture and system. (It
/// may still lack instructions.)
bool runsInProcess(const Target &target);

/// LLVM's machine for the description; null with `error` where this LLVM lacks the
/// backend.
std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const Target &target, llvm::CodeGenOptLevel level, std::string &error);

} // namespace burin

#endif // BURIN_TARGETS_TARGET_H
