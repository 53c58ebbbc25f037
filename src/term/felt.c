/* SPDX-License-Identifier: MIT */
/*
 * When the program started. The kernel's own start time (/proc/self/stat) counts in ticks of 10 ms,
 * too coarse for a start that takes less. So the clock is read as the first thing in main(), and
 * the CPU time that the process had used by then (exec, dynamic linking) is added: a lower bound of
 * what came before, exact unless the program had to wait for the disk. The shell's fork and
 * the user's finger are not in it.
 */
#include <signal.h>
#include <time.h>

#include "base/sys.h"
#include "term/term.h"

static uint64_t start_ns;

void term_mark_start(void)
{
    struct timespec used;

    start_ns = sys_now_ns();
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0) {
        start_ns -= (uint64_t)used.tv_sec * 1000000000U + (uint64_t)used.tv_nsec;
    }
    /* A reader that goes away is an error of write(), not the end of the program. */
    (void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
}

double term_felt_ms(void)
{
    return start_ns == 0 ? 0 : (double)(sys_now_ns() - start_ns) / 1e6;
}
