//===- GuardedBuffer.cpp - Memory that tells who wrote past it ------------===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "compiler/verify/GuardedBuffer.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

using namespace burin::verify;

/// Bytes on each side at least.
static constexpr size_t kGuard = 4096;
static constexpr uint8_t kFresh = 0xFF;

/// Differs from byte to byte, so that shifted copies of a guard are noticed too.
static uint8_t guardByte(size_t i) { return static_cast<uint8_t>(0xA5 ^ (i * 29)); }

GuardedBuffer::GuardedBuffer(size_t size, size_t alignment) : bytes(size) {
  size_t before = kGuard + alignment;
  if (size > std::numeric_limits<ptrdiff_t>::max() - 2 * before - 2 * alignment)
    return;
  blockSize = size + 2 * before + alignment;
  block = static_cast<uint8_t *>(std::malloc(blockSize));
  if (!block)
    return;
  // Aligned to `alignment`, but not to twice of it.
  auto address = reinterpret_cast<uintptr_t>(block) + before;
  address = (address + 2 * alignment - 1) / (2 * alignment) * (2 * alignment) - alignment;
  start = reinterpret_cast<uint8_t *>(address);
  for (size_t i = 0; i < guardBefore(); ++i)
    block[i] = guardByte(i);
  for (size_t i = 0; i < guardAfter(); ++i)
    start[bytes + i] = guardByte(i);
  reset();
}

GuardedBuffer::GuardedBuffer(GuardedBuffer &&other) noexcept { *this = std::move(other); }

GuardedBuffer &GuardedBuffer::operator=(GuardedBuffer &&other) noexcept {
  std::swap(block, other.block);
  std::swap(blockSize, other.blockSize);
  std::swap(start, other.start);
  std::swap(bytes, other.bytes);
  return *this;
}

GuardedBuffer::~GuardedBuffer() { std::free(block); }

void GuardedBuffer::reset() {
  if (start)
    std::memset(start, kFresh, bytes);
}

std::optional<ptrdiff_t> GuardedBuffer::overrun() const {
  if (!start)
    return std::nullopt;
  for (size_t i = 0; i < guardAfter(); ++i)
    if (start[bytes + i] != guardByte(i))
      return static_cast<ptrdiff_t>(bytes + i);
  for (size_t i = guardBefore(); i-- > 0;)
    if (block[i] != guardByte(i))
      return static_cast<ptrdiff_t>(i) - static_cast<ptrdiff_t>(guardBefore());
  return std::nullopt;
}
