/*
 * A spool's life in a dozen changes, one of each kind, and a fingerprint of all
 * that can be seen of it after each: what the crash tests cut, fail and compare.
 */
#ifndef CRASH_SCENARIO_H
#define CRASH_SCENARIO_H

#include "spool/spool.h"

enum { STEPS = 12 };

struct spool_options scenario_options(const char *directory);
int scenario_open(struct spool **s, const char *directory); /* with small slices */
/* 0 when its commit succeeded; -1, which is what step SCENARIO_DUPLICATE must give. */
int scenario_step(struct spool *s, int step);
enum { SCENARIO_DUPLICATE = 8 };
/* 0 and a digest of everything visible, or -1. */
int scenario_fingerprint(struct spool *s, uint64_t *out);

/* Directories under /dev/shm, where syncing costs nothing, or TMPDIR. */
void scenario_directory(char *out, size_t size, const char *name);
void scenario_remove(const char *directory);

#endif
