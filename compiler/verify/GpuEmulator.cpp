//===- GpuEmulator.cpp - Kernels on the CPU -------------------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/GpuEmulator.h"

#include "codegen/gpu/EmulatedRegister.h"
#include "compiler/verify/WarpProduct.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

#include <csetjmp>
#include <cstring>
#include <fmt/format.h>
#include <random>
#include <set>
#include <ucontext.h>

using namespace burin;
using namespace burin::verify;

namespace {
constexpr size_t kFiberStack = 64 << 10;
enum CudaError : int { kSuccess = 0, kInvalidValue = 1, kNotFound = 500, kLaunchFailed = 719 };

struct SharedMemory {
  void *bytes;
  uint64_t size;
};

/// One thread of a block.
struct Fiber {
  /// Why it does not run.
  enum Wait { New, None, Barrier, Product, End };

  ucontext_t context; ///< to start with
  jmp_buf place;      ///< where it stopped
  std::unique_ptr<char[]> stack = std::make_unique<char[]>(kFiberStack);
  Wait wait = New;
  int site = -1; ///< the place in the code where it waits
  int unit = -1; ///< of a product
  WarpFragments *fragments = nullptr;
};

using Kernel = void (*)(void **);

/// What a CUfunction points to.
struct Function {
  std::string name;
  Kernel kernel;
};
} // namespace

struct GpuEmulator::State {
  explicit State(ThreadOrder order) : order(order) {}

  int launch(const std::string &name, Kernel kernel, unsigned blocks, unsigned threads,
             void **parameters);
  bool runBlock(const std::string &name);
  void resume(size_t thread);
  bool runWarp(const std::string &name, size_t first, llvm::ArrayRef<size_t> turns);
  size_t waiting(size_t first, size_t count, Fiber::Wait how) const;
  void fail(std::string text) {
    if (problem.empty())
      problem = std::move(text);
  }

  ThreadOrder order;
  std::mt19937 random{1};
  std::string problem;
  uint64_t launches = 0;
  const SharedMemory *shared = nullptr; ///< up to an entry without bytes
  std::vector<Function> functions;      ///< handles point to them
  llvm::ArrayRef<MatrixUnit> units;
  std::set<char *> memory; ///< of the device

  // The launch that runs.
  Kernel kernel = nullptr;
  void **parameters = nullptr;
  unsigned block = 0, blocks = 0;
  std::vector<Fiber> fibers;
  size_t current = 0;
  ucontext_t start;
  jmp_buf scheduler;
};

/// The driver's interface has no place for it.
static thread_local GpuEmulator::State *emulator = nullptr;

//===----------------------------------------------------------------------===//
// Blocks and threads
//===----------------------------------------------------------------------===//

/// From fiber to scheduler. A jump leaves the signal mask alone, which costs two system calls
/// where contexts are swapped, and no destructor is passed over: the frames stay.
static void stop(Fiber &self, Fiber::Wait why) {
  self.wait = why;
  if (_setjmp(self.place) == 0)
    _longjmp(emulator->scheduler, 1);
}

static void runFiber() {
  emulator->kernel(emulator->parameters);
  stop(emulator->fibers[emulator->current], Fiber::End);
}

static int32_t readRegister(int32_t which) {
  const GpuEmulator::State &state = *emulator;
  switch (static_cast<EmulatedRegister>(which)) {
  case EmulatedRegister::Thread:
    return static_cast<int32_t>(state.current);
  case EmulatedRegister::Block:
    return static_cast<int32_t>(state.block);
  case EmulatedRegister::BlockThreads:
    return static_cast<int32_t>(state.fibers.size());
  case EmulatedRegister::Blocks:
    return static_cast<int32_t>(state.blocks);
  }
  return 0;
}

static void waitAtBarrier(int32_t site) {
  Fiber &self = emulator->fibers[emulator->current];
  self.site = site;
  stop(self, Fiber::Barrier);
}

static void waitForProduct(int32_t site, int32_t unit, WarpFragments *fragments) {
  Fiber &self = emulator->fibers[emulator->current];
  self.site = site;
  self.unit = unit;
  self.fragments = fragments;
  stop(self, Fiber::Product);
}

void GpuEmulator::State::resume(size_t thread) {
  current = thread;
  Fiber &fiber = fibers[thread];
  bool isNew = fiber.wait == Fiber::New;
  fiber.wait = Fiber::None;
  if (_setjmp(scheduler) != 0)
    return;
  if (isNew)
    swapcontext(&start, &fiber.context);
  else
    _longjmp(fiber.place, 1);
}

size_t GpuEmulator::State::waiting(size_t first, size_t count, Fiber::Wait how) const {
  return std::count_if(fibers.begin() + first, fibers.begin() + first + count,
                       [&](const Fiber &fiber) { return fiber.wait == how; });
}

/// Runs a warp past all its products, while the others stand still.
bool GpuEmulator::State::runWarp(const std::string &name, size_t first,
                                 llvm::ArrayRef<size_t> turns) {
  size_t count = std::min(kWarpThreads, fibers.size() - first);
  while (size_t ready = waiting(first, count, Fiber::Product)) {
    WarpFragments *lanes[kWarpThreads];
    bool together = ready == kWarpThreads;
    for (size_t i = 0; i < kWarpThreads && together; ++i) {
      lanes[i] = fibers[first + i].fragments;
      together = fibers[first + i].site == fibers[first].site;
    }
    if (!together) {
      fail(fmt::format("kernel {}: threads {} to {} of block {} do not reach a matrix instruction "
                       "together",
                       name, first, first + count - 1, block));
      return false;
    }
    multiplyFragments(units[fibers[first].unit], lanes);
    for (size_t turn : turns)
      if (turn >= first && turn < first + count)
        resume(turn);
  }
  return true;
}

bool GpuEmulator::State::runBlock(const std::string &name) {
  // What no thread has written is not a number; in every other block a wrong one, as kernels
  // may mend the former.
  for (const SharedMemory *part = shared; part && part->bytes; ++part)
    std::memset(part->bytes, block % 2 == 0 ? 0xff : 0x4b, part->size);
  std::vector<size_t> turns(fibers.size());
  for (size_t i = 0; i < turns.size(); ++i)
    turns[i] = order == ThreadOrder::Reverse ? turns.size() - 1 - i : i;
  for (Fiber &fiber : fibers) {
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = kFiberStack;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, runFiber, 0);
    fiber.wait = Fiber::New;
  }
  while (true) {
    if (order == ThreadOrder::Shuffled)
      std::shuffle(turns.begin(), turns.end(), random);
    for (size_t turn : turns)
      resume(turn);
    // In the order of their first threads' turns, which is one of warps, too.
    for (size_t turn : turns)
      if (turn % kWarpThreads == 0 && !runWarp(name, turn, turns))
        return false;
    size_t done = waiting(0, fibers.size(), Fiber::End);
    if (done == fibers.size())
      return true;
    if (done > 0) {
      fail(fmt::format("kernel {}: {} of {} threads of block {} wait at a barrier that the "
                       "others never reach",
                       name, fibers.size() - done, fibers.size(), block));
      return false;
    }
    if (llvm::any_of(fibers,
                     [&](const Fiber &fiber) { return fiber.site != fibers.front().site; })) {
      fail(fmt::format("kernel {}: the threads of block {} wait at different barriers", name,
                       block));
      return false;
    }
  }
}

int GpuEmulator::State::launch(const std::string &name, Kernel function, unsigned count,
                               unsigned threads, void **given) {
  ++launches;
  kernel = function;
  parameters = given;
  blocks = count;
  fibers.resize(threads);
  for (unsigned i = 0; i < count; ++i) {
    block = order == ThreadOrder::Reverse ? count - 1 - i : i;
    if (!runBlock(name))
      return kLaunchFailed;
  }
  return kSuccess;
}

//===----------------------------------------------------------------------===//
// The driver
//===----------------------------------------------------------------------===//

namespace driver {
static int init(unsigned) { return kSuccess; }
static int deviceGet(int *device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? kSuccess : kInvalidValue;
}
/// Newer than all targets.
static int attribute(int *value, int which, int) {
  *value = which == 75 ? 99 : 0;
  return kSuccess;
}
static int retain(void **context, int) {
  *context = emulator;
  return kSuccess;
}
static int release(int) { return kSuccess; }
static int push(void *) { return kSuccess; }
static int pop(void **context) {
  *context = emulator;
  return kSuccess;
}
static int loadModule(void **module, const void *ptx) {
  // The text is not for us, but it must be there.
  *module = emulator;
  return std::strstr(static_cast<const char *>(ptx), ".version") ? kSuccess : kInvalidValue;
}
static int unloadModule(void *) { return kSuccess; }
static int getFunction(void **function, void *, const char *name) {
  for (Function &known : emulator->functions)
    if (known.name == name) {
      *function = &known;
      return known.kernel ? kSuccess : kNotFound;
    }
  return kNotFound;
}
static int allocate(uint64_t *address, size_t bytes) {
  char *memory = static_cast<char *>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  if (!memory)
    return kInvalidValue;
  std::memset(memory, 0xff, bytes);
  emulator->memory.insert(memory);
  *address = reinterpret_cast<uint64_t>(memory);
  return kSuccess;
}
static int releaseMemory(uint64_t address) {
  char *memory = reinterpret_cast<char *>(address);
  if (!emulator->memory.erase(memory))
    return kInvalidValue;
  std::free(memory);
  return kSuccess;
}
static int toDevice(uint64_t target, const void *source, size_t bytes, void *) {
  std::memcpy(reinterpret_cast<void *>(target), source, bytes);
  return kSuccess;
}
static int toHost(void *target, uint64_t source, size_t bytes, void *) {
  std::memcpy(target, reinterpret_cast<const void *>(source), bytes);
  return kSuccess;
}
static int copy(uint64_t target, uint64_t source, size_t bytes, void *) {
  std::memmove(reinterpret_cast<void *>(target), reinterpret_cast<const void *>(source), bytes);
  return kSuccess;
}
static int synchronize(void *) { return kSuccess; }
static int launch(void *function, unsigned blocks, unsigned, unsigned, unsigned threads, unsigned,
                  unsigned, unsigned, void *, void **parameters, void **) {
  const auto &[name, kernel] = *static_cast<Function *>(function);
  return emulator->launch(name, kernel, blocks, threads, parameters);
}
} // namespace driver

static void *openLibrary(const char *name, int) {
  return emulator && std::strcmp(name, "libcuda.so.1") == 0 ? emulator : nullptr;
}

static void *findFunction(void *, const char *name) {
  static const struct {
    const char *name;
    void *function;
  } table[] = {
#define ENTRY(name, function) {name, reinterpret_cast<void *>(&driver::function)}
      ENTRY("cuInit", init),
      ENTRY("cuDeviceGet", deviceGet),
      ENTRY("cuDeviceGetAttribute", attribute),
      ENTRY("cuDevicePrimaryCtxRetain", retain),
      ENTRY("cuDevicePrimaryCtxRelease_v2", release),
      ENTRY("cuCtxPushCurrent_v2", push),
      ENTRY("cuCtxPopCurrent_v2", pop),
      ENTRY("cuModuleLoadData", loadModule),
      ENTRY("cuModuleUnload", unloadModule),
      ENTRY("cuModuleGetFunction", getFunction),
      ENTRY("cuMemAlloc_v2", allocate),
      ENTRY("cuMemFree_v2", releaseMemory),
      ENTRY("cuMemcpyHtoDAsync_v2", toDevice),
      ENTRY("cuMemcpyDtoHAsync_v2", toHost),
      ENTRY("cuMemcpyDtoDAsync_v2", copy),
      ENTRY("cuStreamSynchronize", synchronize),
      ENTRY("cuLaunchKernel", launch),
#undef ENTRY
  };
  for (const auto &entry : table)
    if (std::strcmp(name, entry.name) == 0)
      return entry.function;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// GpuEmulator
//===----------------------------------------------------------------------===//

GpuEmulator::GpuEmulator(ThreadOrder order) : state(std::make_unique<State>(order)) {
  emulator = state.get();
}

GpuEmulator::~GpuEmulator() {
  if (emulator == state.get())
    emulator = nullptr;
  for (char *memory : state->memory)
    std::free(memory);
}

std::vector<Import> GpuEmulator::imports() {
  return {{"dlopen", reinterpret_cast<void *>(&openLibrary)},
          {"dlsym", reinterpret_cast<void *>(&findFunction)},
          {"burin_emu_register", reinterpret_cast<void *>(&readRegister)},
          {"burin_emu_barrier", reinterpret_cast<void *>(&waitAtBarrier)},
          {"burin_emu_multiply", reinterpret_cast<void *>(&waitForProduct)}};
}

void GpuEmulator::attach(LoadedLibrary &library, llvm::ArrayRef<std::string> kernels,
                         const Target &device) {
  state->units = device.matrixUnits;
  for (const std::string &name : kernels)
    state->functions.push_back({name, library.lookup<Kernel>(name + ".emulated")});
  state->shared = library.lookup<const SharedMemory *>("burin_emu_shared");
}
const std::string &GpuEmulator::problem() const { return state->problem; }
uint64_t GpuEmulator::launches() const { return state->launches; }
