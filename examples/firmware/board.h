/* What the example needs of its board (board.c). */
#ifndef BOARD_H
#define BOARD_H

void board_print(const char *text);
void board_print_number(unsigned long number);

/* Instructions between the two, to 40: QEMU's clock, see run.sh. On a real board the same
 * timer gives cycles. */
void board_count_start(void);
unsigned long board_count_stop(void);

/* Paints the free stack, and finds how deep it was used since. */
void board_paint_stack(void);
unsigned long board_stack_bytes(void);

/* Code and constants, and initial values of variables. */
unsigned long board_flash_bytes(void);

#endif
