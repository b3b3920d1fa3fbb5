/*
 * Durations and sizes as people write them, both ways.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "bridge/base/buf.h"

#include <stdint.h>

/*
 * "90" or "90s", "5m" or "5min", "2h", "3d", "2w", and sums of them: "1h30m", "1d 12h".
 * 0, or -1 when it is none or passes 64 bits.
 */
int units_parse_duration(struct span s, uint64_t *seconds);

/*
 * "512", "512B", "100kB", "100MB", "2GB" (powers of 1000), "100KiB", "100MiB",
 * "2GiB" (of 1024); letters' case does not count, a blank may stand before the
 * unit. 0, or -1 when it is none or passes 64 bits.
 */
int units_parse_size(struct span s, uint64_t *bytes);

#define UNITS_TEXT 24

/* "3d 4h", "12m 5s", "45s": the two largest units. Returns out. */
const char *units_text_duration(uint64_t seconds, char out[UNITS_TEXT]);
/* "1.2 MB", "312 kB", "87 B": powers of 1000. Returns out. */
const char *units_text_size(uint64_t bytes, char out[UNITS_TEXT]);

#endif
