/*===- semihosting.h - Calls of the host from a bare machine --------*- C -*-===*
 *
 * Part of Burin, under the Apache License v2.0.
 *
 * "Semihosting for AArch32 and AArch64", release 2.0; RISC-V took it over.
 *
 *===----------------------------------------------------------------------===*/

#ifndef BURIN_TARGETS_HARNESS_SEMIHOSTING_H
#define BURIN_TARGETS_HARNESS_SEMIHOSTING_H

#include <stdint.h>

enum { hostOpen = 1, hostWriteText = 4, hostWrite = 5, hostRead = 6, hostExit = 0x20 };

static inline intptr_t host_call(uintptr_t operation, const void *argument) {
#if defined(__arm__)
  register uintptr_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return (intptr_t)r0;
#else
  register uintptr_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = argument;
  /* Both neighbours mark the trap, all three have 4 bytes. */
  __asm__ volatile(".balign 16\n.option push\n.option norvc\n"
                   "slli zero, zero, 0x1f\nebreak\nsrai zero, zero, 7\n.option pop"
                   : "+r"(a0)
                   : "r"(a1)
                   : "memory");
  return (intptr_t)a0;
#endif
}

#endif
