//===- GuardedBuffer.h - Memory that tells who wrote past it ----*- C++ -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#ifndef BURIN_COMPILER_VERIFY_GUARDEDBUFFER_H
#define BURIN_COMPILER_VERIFY_GUARDEDBUFFER_H

#include <cstddef>
#include <cstdint>
#include <optional>

namespace burin::verify {

/// A buffer with known bytes before and after it. It starts at an address that is
/// aligned as asked for and no better, so that code which expects more is found; its
/// bytes are 0xFF at first: NaNs, so that reading memory which nobody wrote shows.
class GuardedBuffer {
public:
  GuardedBuffer() = default;
  /// Null data() where there is no memory for it. `alignment` is a power of two.
  GuardedBuffer(size_t size, size_t alignment);
  GuardedBuffer(GuardedBuffer &&other) noexcept;
  GuardedBuffer &operator=(GuardedBuffer &&other) noexcept;
  ~GuardedBuffer();

  uint8_t *data() const { return start; }
  size_t size() const { return bytes; }
  /// Fills the buffer again as it was at first.
  void reset();
  /// Where the bytes around it were overwritten: the offset from the buffer's start,
  /// negative before it.
  std::optional<ptrdiff_t> overrun() const;

private:
  size_t guardBefore() const { return static_cast<size_t>(start - block); }
  size_t guardAfter() const { return blockSize - guardBefore() - bytes; }

  uint8_t *block = nullptr;
  size_t blockSize = 0;
  uint8_t *start = nullptr;
  size_t bytes = 0;
};

} // namespace burin::verify

#endif // BURIN_COMPILER_VERIFY_GUARDEDBUFFER_H
