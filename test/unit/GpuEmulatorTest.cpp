//===- GpuEmulatorTest.cpp - What the emulated GPU finds ------------------===//
//
// Part of Burin, under the Apache License v2.0.
//
// Kernels with tiles in shared memory run in all orders of threads; with a barrier taken
// out or put under a condition, they must not pass.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/VerifyModel.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

#include <catch2/catch.hpp>

using namespace burin;
using namespace burin::verify;
using namespace llvm;

static constexpr const char *kModel = R"(
func.func @main(%x: tensor<70x100xf32> {nn.name = "x"}, %y: tensor<100x90xf32> {nn.name = "y"})
    -> (tensor<70x90xf32> {nn.name = "product"}, tensor<70x100xf32> {nn.name = "soft"},
        tensor<3xf32> {nn.name = "sums"}) {
  %0 = nn.matmul %x, %y : (tensor<70x100xf32>, tensor<100x90xf32>) -> tensor<70x90xf32>
  %1 = nn.unary relu, %0 : (tensor<70x90xf32>) -> tensor<70x90xf32>
  %2 = nn.softmax %x, [0, 1] : (tensor<70x100xf32>) -> tensor<70x100xf32>
  %shape = nn.constant dense<[3, 2100]> : tensor<2xi64>
  %flat = nn.reshape %1, %shape : (tensor<70x90xf32>, tensor<2xi64>) -> tensor<3x2100xf32>
  %3 = nn.reduce sum, %flat, [1] : (tensor<3x2100xf32>) -> tensor<3xf32>
  return %1, %2, %3 : tensor<70x90xf32>, tensor<70x100xf32>, tensor<3xf32>
}
)";

/// More tiles than blocks.
static constexpr const char *kManyTiles = R"(
func.func @main(%x: tensor<70x65x16xf32> {nn.name = "x"}, %y: tensor<16x65xf32> {nn.name = "y"})
    -> (tensor<70x65x65xf32> {nn.name = "product"}) {
  %0 = nn.matmul %x, %y : (tensor<70x65x16xf32>, tensor<16x65xf32>) -> tensor<70x65x65xf32>
  return %0 : tensor<70x65x65xf32>
}
)";

static VerifyReport verifyWith(ThreadOrder order, std::function<void(Module &)> edit = {},
                               StringRef model = kModel) {
  SmallString<128> path;
  int file;
  REQUIRE(!sys::fs::createTemporaryFile("burin-gpu", "mlir", file, path));
  {
    raw_fd_ostream out(file, /*shouldClose=*/true);
    out << model;
  }
  VerifyOptions options;
  options.compile.modelPath = path.str().str();
  options.compile.name = "tiles";
  options.compile.target = "nvptx-sm80";
  options.compile.editKernels = std::move(edit);
  options.machine.emulate = true;
  options.machine.threadOrder = order;
  options.seeds = 1;
  Diagnostics diagnostics;
  VerifyReport report = verifyModel(options, diagnostics, [](const SetReport &) {});
  sys::fs::remove(path);
  return report;
}

/// The barriers of the kernel whose name holds `name`.
static std::vector<Instruction *> barriersOf(Module &module, StringRef name) {
  std::vector<Instruction *> barriers;
  for (Function &function : module)
    if (function.getName().contains(name))
      for (Instruction &instruction : instructions(function))
        if (auto *call = dyn_cast<IntrinsicInst>(&instruction))
          if (call->getIntrinsicID() == Intrinsic::nvvm_barrier0)
            barriers.push_back(call);
  return barriers;
}

static constexpr ThreadOrder kOrders[] = {ThreadOrder::Forward, ThreadOrder::Reverse,
                                          ThreadOrder::Shuffled};

TEST_CASE("tiles, rows and sums come out in every order of threads", "[gpu]") {
  for (ThreadOrder order : kOrders) {
    VerifyReport report = verifyWith(order);
    INFO(report.message);
    CHECK(report.outcome == Outcome::Passed);
  }
}

TEST_CASE("a missing barrier is found", "[gpu]") {
  unsigned count = 0;
  verifyWith(ThreadOrder::Forward,
             [&](Module &module) { count = barriersOf(module, "k0_").size(); });
  // Before the strips are read and before they are filled again, and the same for the sums.
  REQUIRE(count == 4);
  for (ThreadOrder order : kOrders)
    for (unsigned missing = 0; missing < count; ++missing) {
      VerifyReport report = verifyWith(
          order, [&](Module &module) { barriersOf(module, "k0_")[missing]->eraseFromParent(); },
          missing == 3 ? kManyTiles : kModel);
      INFO("barrier " << missing);
      CHECK(report.outcome == Outcome::Mismatch);
    }
  CHECK(verifyWith(ThreadOrder::Shuffled, {}, kManyTiles).outcome == Outcome::Passed);
}

/// Lets all threads but one pass by an instruction.
static Instruction *forOneThread(Instruction *instruction) {
  IRBuilder<> builder(instruction);
  Value *thread =
      builder.CreateIntrinsic(builder.getInt32Ty(), Intrinsic::nvvm_read_ptx_sreg_tid_x, {});
  return SplitBlockAndInsertIfThen(builder.CreateICmpEQ(thread, builder.getInt32(7)), instruction,
                                   /*Unreachable=*/false);
}

TEST_CASE("a barrier that not all threads reach is reported", "[gpu]") {
  VerifyReport report = verifyWith(ThreadOrder::Forward, [](Module &module) {
    Instruction *barrier = barriersOf(module, "k0_").back();
    barrier->moveBefore(forOneThread(barrier));
  });
  CHECK(report.outcome == Outcome::Mismatch);
  INFO(report.message);
  CHECK(report.message.find("barrier") != std::string::npos);
}

TEST_CASE("a matrix instruction without the whole warp is reported", "[gpu]") {
  for (ThreadOrder order : kOrders) {
    VerifyReport report = verifyWith(order, [](Module &module) {
      SmallVector<IntrinsicInst *> products;
      for (Function &function : module)
        for (Instruction &instruction : instructions(function))
          if (auto *call = dyn_cast<IntrinsicInst>(&instruction))
            if (call->getIntrinsicID() == Intrinsic::nvvm_mma_m16n8k8_row_col_tf32)
              products.push_back(call);
      REQUIRE(!products.empty());
      // An odd one more, by one thread: its sums must be used, or it would vanish.
      IntrinsicInst *last = products.back();
      Instruction *then = forOneThread(last);
      Instruction *copy = last->clone();
      copy->insertBefore(then);
      IRBuilder<> builder(then);
      AllocaInst *place = new AllocaInst(copy->getType(), 0, "",
                                         copy->getFunction()->getEntryBlock().getFirstNonPHIIt());
      builder.CreateStore(copy, place, /*isVolatile=*/true);
    });
    CHECK(report.outcome == Outcome::Mismatch);
    INFO(report.message);
    CHECK(report.message.find("do not reach a matrix instruction together") != std::string::npos);
  }
}
