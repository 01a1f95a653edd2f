/*===- linux.c - The harness as a program for Linux ----------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * System calls and a start of its own: no C library is needed to link it. Files
 * are read and written through buffers, since a system call costs an emulator
 * thousands of instructions.
 *
 *===----------------------------------------------------------------------===*/

#include "targets/harness/port.h"

#if defined(__x86_64__)
enum { sysRead = 0, sysWrite = 1, sysMmap = 9, sysMunmap = 11, sysExit = 231, sysOpenat = 257 };
#elif defined(__aarch64__) || (defined(__riscv) && __riscv_xlen == 64)
enum { sysOpenat = 56, sysRead = 63, sysWrite = 64, sysExit = 94, sysMunmap = 215, sysMmap = 222 };
#else
#error "no system calls for this architecture"
#endif

static long call6(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
#else
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e;
  register long a5 __asm__("a5") = f;
  __asm__ volatile("ecall"
                   : "+r"(a0)
                   : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
                   : "memory");
  return a0;
#endif
}

/* The stack arrives aligned on all of them; x86-64 wants it aligned before a call. */
#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  and $-16, %rsp\n  call burin_linux_start\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n  mov x29, xzr\n  mov x30, xzr\n  bl burin_linux_start\n");
#else
__asm__(".globl _start\n_start:\n  .option push\n  .option norelax\n"
        "  la gp, __global_pointer$\n  .option pop\n  call burin_linux_start\n");
#endif

/*===----------------------------------------------------------------------===*
 * Files
 *===----------------------------------------------------------------------===*/

enum { kBuffer = 1 << 16 };
static unsigned char request[kBuffer], response[kBuffer];
static size_t requestAt, requestEnd, responseEnd;
static long requestFile = -1, responseFile = -1;

static int flush(void) {
  for (size_t done = 0; done < responseEnd;) {
    long count =
        call6(sysWrite, responseFile, (long)(response + done), (long)(responseEnd - done), 0, 0, 0);
    if (count <= 0)
      return 1;
    done += (size_t)count;
  }
  responseEnd = 0;
  return 0;
}

int port_read(void *to, size_t bytes) {
  unsigned char *next = to;
  while (bytes > 0) {
    if (requestAt == requestEnd) {
      long count = call6(sysRead, requestFile, (long)request, kBuffer, 0, 0, 0);
      if (count <= 0)
        return 1;
      requestAt = 0;
      requestEnd = (size_t)count;
    }
    size_t some = requestEnd - requestAt < bytes ? requestEnd - requestAt : bytes;
    for (size_t i = 0; i < some; ++i)
      next[i] = request[requestAt + i];
    requestAt += some;
    next += some;
    bytes -= some;
  }
  return 0;
}

int port_write(const void *from, size_t bytes) {
  const unsigned char *next = from;
  while (bytes > 0) {
    if (responseEnd == kBuffer && flush() != 0)
      return 1;
    size_t some = kBuffer - responseEnd < bytes ? kBuffer - responseEnd : bytes;
    for (size_t i = 0; i < some; ++i)
      response[responseEnd + i] = next[i];
    responseEnd += some;
    next += some;
    bytes -= some;
  }
  return 0;
}

/*===----------------------------------------------------------------------===*
 * Memory
 *===----------------------------------------------------------------------===*/

enum { kRegions = 8 };
static struct {
  long start;
  size_t bytes;
} regions[kRegions];
static size_t regionCount;

void *port_memory(size_t bytes) {
  enum { readWrite = 3, privateAnonymous = 0x22 };
  if (regionCount == kRegions)
    return NULL;
  if (bytes == 0)
    bytes = 1;
  long start = call6(sysMmap, 0, (long)bytes, readWrite, privateAnonymous, -1, 0);
  if (start < 0 && start > -4096)
    return NULL;
  regions[regionCount].start = start;
  regions[regionCount++].bytes = bytes;
  return (void *)start;
}

void port_release(void) {
  while (regionCount > 0) {
    --regionCount;
    call6(sysMunmap, regions[regionCount].start, (long)regions[regionCount].bytes, 0, 0, 0, 0);
  }
  /* A model that crashes must not take the answers before it along. */
  flush();
}

int port_call(model_run run, const void *io, void *arena, struct port_costs *costs) {
  (void)costs;
  return run(io, arena);
}

__attribute__((noreturn, used)) void burin_linux_start(void) {
  enum { here = -100, readOnly = 0, writeCreateTruncate = 01 | 0100 | 01000 };
  requestFile = call6(sysOpenat, here, (long)"request.bin", readOnly, 0, 0, 0);
  responseFile = call6(sysOpenat, here, (long)"response.bin", writeCreateTruncate, 0600, 0, 0);
  int code = requestFile < 0 || responseFile < 0 ? 1 : burin_harness_main();
  code |= flush();
  for (;;)
    call6(sysExit, code, 0, 0, 0, 0, 0);
}
