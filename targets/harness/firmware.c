/*===- firmware.c - The harness on a bare machine -------------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * Files, memory and costs by semihosting, linker script and QEMU's counters. The
 * start-up code (cortexm.c, riscv.c) is the machine's.
 *
 *===----------------------------------------------------------------------===*/

#include "targets/harness/firmware.h"
#include "targets/harness/port.h"
#include "targets/harness/semihosting.h"

/* By the linker script: the stack, and memory that nobody else uses. */
extern unsigned char burin_stack_start[], burin_heap_start[], burin_heap_end[];

static intptr_t requestFile = -1, responseFile = -1;
static unsigned char *next = burin_heap_start;

static intptr_t host_open(const char *name, uintptr_t length, uintptr_t mode) {
  const uintptr_t block[] = {(uintptr_t)name, mode, length};
  return host_call(hostOpen, block);
}

int port_read(void *to, size_t bytes) {
  const uintptr_t block[] = {(uintptr_t)requestFile, (uintptr_t)to, bytes};
  return bytes > 0 && host_call(hostRead, block) != 0; /* counts what is missing */
}

int port_write(const void *from, size_t bytes) {
  const uintptr_t block[] = {(uintptr_t)responseFile, (uintptr_t)from, bytes};
  return bytes > 0 && host_call(hostWrite, block) != 0;
}

void *port_memory(size_t bytes) {
  size_t left = (size_t)(burin_heap_end - next);
  if (bytes > left)
    return NULL;
  unsigned char *result = next;
  size_t rounded = (bytes + 15) & ~(size_t)15;
  next += rounded < left ? rounded : left;
  return result;
}

void port_release(void) { next = burin_heap_start; }

enum { kPaint = 0x5ac35ac3 };

static inline uint32_t *stack_pointer(void) {
  uint32_t *sp;
#if defined(__arm__)
  __asm__ volatile("mov %0, sp" : "=r"(sp));
#else
  __asm__ volatile("mv %0, sp" : "=r"(sp));
#endif
  return sp;
}

/* The stack below this frame is painted; where the paint is gone, somebody was. */
__attribute__((noinline)) int port_call(model_run run, const void *io, void *arena,
                                        struct port_costs *costs) {
  const volatile uint32_t *low = (const volatile uint32_t *)burin_stack_start;
  uint32_t *top = stack_pointer();
  for (volatile uint32_t *word = top; word-- > low;)
    *word = kPaint;
  firmware_count_start();
  int status = run(io, arena);
  costs->instructions = firmware_count_stop();
  while (low < top && *low == kPaint)
    ++low;
  costs->stack_bytes = (uintptr_t)top - (uintptr_t)low;
  return status;
}

static _Noreturn void end(uintptr_t code) {
  /* Application exit, with its code. */
  const uintptr_t block[] = {0x20026, code};
  for (;;)
    host_call(hostExit, block);
}

_Noreturn void firmware_fault(void) {
  host_call(hostWriteText, "the machine took a fault (bad address, alignment or instruction)\n");
  end(3);
}

_Noreturn void firmware_main(void) {
  enum { readBinary = 1, writeBinary = 5 };
  requestFile = host_open("request.bin", 11, readBinary);
  responseFile = host_open("response.bin", 12, writeBinary);
  if (requestFile < 0 || responseFile < 0)
    end(1);
  end((uintptr_t)burin_harness_main());
}
