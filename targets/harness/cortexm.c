/*===- cortexm.c - Start-up code for Cortex-M -----------------------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * With `-icount shift=0` an instruction takes one nanosecond of QEMU's time, and
 * SysTick ticks at the machine's clock: INSTRUCTIONS_PER_TICK, a quarter of it in
 * BURIN_QUARTERS. Exact up to one tick.
 *
 *===----------------------------------------------------------------------===*/

#include "targets/harness/firmware.h"

extern unsigned char burin_stack_end[];

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xE000E010)
#define SYST_RVR REGISTER(0xE000E014)
#define SYST_CVR REGISTER(0xE000E018)
#define CCR REGISTER(0xE000ED14)
#define CPACR REGISTER(0xE000ED88)

static volatile uint32_t wraps;

static void tick(void) { ++wraps; }

void firmware_count_start(void) {
  SYST_CSR = 0;
  SYST_RVR = 0xFFFFFF;
  SYST_CVR = 0;
  wraps = 0;
  SYST_CSR = 7;         /* on, with interrupt, at the core's clock */
  while (SYST_CVR == 0) /* the first read after a write gives 0 */
    ;
}

uint64_t firmware_count_stop(void) {
  uint32_t now = SYST_CVR;
  SYST_CSR = 0;
  uint64_t ticks = ((uint64_t)wraps << 24) + (0xFFFFFF - now);
  /* The tick's length in quarters of an instruction, by shifts: 160 or 125. */
#if BURIN_QUARTERS_PER_TICK == 160
  return (ticks << 5) + (ticks << 3);
#else
  return ((ticks << 7) - (ticks << 1) - ticks) >> 2;
#endif
}

__attribute__((used)) void burin_start(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  CPACR |= 0xF << 20;
  __asm__ volatile("dsb\nisb" ::: "memory");
#endif
#ifdef BURIN_TRAP_UNALIGNED
  CCR |= 8; /* as on a core that has no such accesses */
#endif
  firmware_main();
}

typedef void (*handler)(void);
__attribute__((section(".vectors"), used)) static const struct {
  void *stack;
  handler handlers[15];
} vectors = {burin_stack_end,
             {burin_start, firmware_fault, firmware_fault, firmware_fault, firmware_fault,
              firmware_fault, firmware_fault, 0, 0, 0, firmware_fault, firmware_fault, 0,
              firmware_fault, tick}};
