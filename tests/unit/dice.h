/*
 * Dice for tests at random: the same throws for the same seed. BANGWAY_SEED
 * repeats a run, BANGWAY_ROUNDS makes it longer; who throws by the clock prints
 * his seed (dice_by_clock).
 */
#ifndef TEST_DICE_H
#define TEST_DICE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct dice {
	uint64_t seed, state;
};

static inline void
dice_seed(struct dice *d, uint64_t seed)
{
	d->seed = seed;
	d->state = seed * 0x9e3779b97f4a7c15ULL | 1;
}

static inline void
dice_by_clock(struct dice *d)
{
	const char *given = getenv("BANGWAY_SEED");

	dice_seed(d, given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL));
	printf("# seed %llu\n", (unsigned long long)d->seed);
}

static inline unsigned long
dice_rounds(unsigned long usual)
{
	const char *many = getenv("BANGWAY_ROUNDS");

	return many != NULL ? strtoul(many, NULL, 10) : usual;
}

/* xorshift64*: 0 to sides - 1 */
static inline unsigned
roll(struct dice *d, unsigned sides)
{
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return (unsigned)((d->state * 0x2545f4914f6cdd1dULL) >> 33) % sides;
}

#define ROLL_ONE_OF(d, list) ((list)[roll(d, sizeof(list) / sizeof((list)[0]))])

#endif
