/* Start-up code for a Cortex-M4F, with a console through the debugger (semihosting). */

#include "board.h"

#include <stddef.h>
#include <stdint.h>

/* From cortex-m4.ld. */
extern uint32_t _stack_limit[], _stack_top[];
extern uint32_t _data_start[], _data_end[], _data_load[], _bss_start[], _bss_end[];
extern char _flash_start[], _flash_end[];

int main(void);

#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)
#define CPACR (*(volatile uint32_t *)0xE000ED88)

static long host(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return (long)r0;
}

void board_print(const char *text) { host(4, text); }

void board_print_number(unsigned long number) {
  char digits[12];
  char *start = digits + sizeof(digits) - 1;
  *start = '\0';
  do {
    *--start = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  board_print(start);
}

static void leave(uint32_t code) {
  const uint32_t block[] = {0x20026, code};
  for (;;)
    host(0x20, block);
}

void board_count_start(void) {
  SYST_RVR = 0xFFFFFF;
  SYST_CVR = 0;
  SYST_CSR = 5;
  while (SYST_CVR == 0)
    ;
}

unsigned long board_count_stop(void) { return (0xFFFFFF - SYST_CVR) * 40; /* 25 MHz, 1 ns */ }

enum { kPaint = 0x5ac35ac3 };
static volatile uint32_t *painted_to;

void board_paint_stack(void) {
  painted_to = __builtin_frame_address(0);
  for (volatile uint32_t *word = painted_to - 16; word > _stack_limit; --word)
    *word = kPaint;
}

unsigned long board_stack_bytes(void) {
  volatile uint32_t *word = _stack_limit + 1;
  while (word < painted_to && *word == kPaint)
    ++word;
  return (unsigned long)((uintptr_t)painted_to - (uintptr_t)word);
}

unsigned long board_flash_bytes(void) { return (unsigned long)(_flash_end - _flash_start); }

/* The only functions that a Burin library asks for. */
void *memcpy(void *to, const void *from, size_t bytes) {
  volatile unsigned char *t = to;
  const unsigned char *f = from;
  while (bytes-- > 0)
    *t++ = *f++;
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  volatile unsigned char *t = to;
  while (bytes-- > 0)
    *t++ = (unsigned char)value;
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  volatile unsigned char *t = to;
  const unsigned char *f = from;
  if ((uintptr_t)to <= (uintptr_t)from)
    return memcpy(to, from, bytes);
  while (bytes-- > 0)
    t[bytes] = f[bytes];
  return to;
}

void reset(void) {
  CPACR |= 0xF << 20; /* the FPU */
  __asm__ volatile("dsb\nisb" ::: "memory");
  const uint32_t *from = _data_load;
  for (volatile uint32_t *word = _data_start; word < _data_end; ++word)
    *word = *from++;
  for (volatile uint32_t *word = _bss_start; word < _bss_end; ++word)
    *word = 0;
  leave((uint32_t)main());
}

static void fault(void) {
  board_print("fault\n");
  leave(2);
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    _stack_top,    (void *)reset, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault};
