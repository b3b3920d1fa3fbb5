/*
 * What time is it, and how is it written? UTC everywhere: no zone's file is
 * read and no TZ believed (the doors are set-uid).
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT 32

int64_t clock_wall_s(void);  /* seconds since 1970; may jump */
int64_t clock_mono_ms(void); /* since some start; never goes back, stops in no sleep of ours */

/*
 * Midnight of a civil date, month 1 to 12, since 1970. A day past the month's
 * end is one of the next.
 */
int64_t clock_date_s(int year, int month, int day);

/* "Sun, 22 Nov 2026 12:07:34 +0000" (RFC 5322 section 3.3). Returns out. */
const char *clock_text_mail(int64_t wall_s, char out[CLOCK_TEXT]);
/* "2026-11-22T12:07:34Z" (RFC 3339). Returns out. */
const char *clock_text_iso(int64_t wall_s, char out[CLOCK_TEXT]);
/* "Sun Nov 22 12:07:34 2026", as From_ lines have it (asctime). Returns out. */
const char *clock_text_from(int64_t wall_s, char out[CLOCK_TEXT]);

#endif
