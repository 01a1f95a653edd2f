/*===- riscv.c - Start-up code for 32-bit RISC-V --------------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 *===----------------------------------------------------------------------===*/

#include "targets/harness/firmware.h"

/* mtvec wants 4 bytes of alignment. */
__asm__(".section .vectors, \"ax\"\n.globl burin_start\nburin_start:\n"
        "  la sp, burin_stack_end\n"
        "  la t0, burin_trap\n  csrw mtvec, t0\n  j firmware_main\n"
        ".balign 4\nburin_trap:\n  la sp, burin_stack_end\n  j firmware_fault\n.text\n");

static uint64_t retired(void) {
  uint32_t high, low, again;
  do {
    __asm__ volatile("csrr %0, minstreth\ncsrr %1, minstret\ncsrr %2, minstreth"
                     : "=r"(high), "=r"(low), "=r"(again));
  } while (high != again);
  return (uint64_t)high << 32 | low;
}

static uint64_t started;

void firmware_count_start(void) { started = retired(); }
uint64_t firmware_count_stop(void) { return retired() - started; }
