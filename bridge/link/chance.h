/*
 * How much chance had a message to go? Seconds in which one of its links was
 * up and the daemon ran: what a message's lifetime is counted in (DESIGN
 * section 7; RFC 5321 section 4.5.4.1 leaves the retry period to the site).
 *
 * A chance clock belongs to a set of links ("" is: any link) and counts while
 * one of them is up. It keeps its own history, points (wall time, count) with
 * straight or level lines between them, so that the chance of a message is
 * count(now) - count(when it was accepted) and no delivery has to be written
 * to for time that passes.
 *
 * The history is bounded; where points were dropped, and where the wall clock
 * jumped, the count of a moment is taken as high as it can have been, so that
 * an error always gives a message more time, never less.
 */
#ifndef LINK_CHANCE_H
#define LINK_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANCE_POINTS 192

struct chance_point {
	int64_t wall_s;
	int64_t count_s;
};

struct chance_clock {
	struct chance_point point[CHANCE_POINTS]; /* rising in both */
	size_t n;
	bool running;
	int64_t count_ms; /* up to mono_ms */
	int64_t mono_ms;  /* when running: since when it counts */
};

/* Begins at 0, stopped. */
void chance_init(struct chance_clock *c, int64_t wall_s, int64_t mono_ms);
void chance_run(struct chance_clock *c, bool running, int64_t wall_s, int64_t mono_ms);
/* Chance between a moment in the past and now; 0 for the time before the clock was made. */
int64_t chance_since(const struct chance_clock *c, int64_t then_wall_s, int64_t mono_ms);

/*
 * The durable form, at most CHANCE_BYTES: what is lost by a crash is chance
 * counted since it was last written. Reading leaves the clock stopped; the
 * time between is no chance. -1: not such a form, c is as after chance_init().
 */
#define CHANCE_BYTES (16 + CHANCE_POINTS * 16)
size_t chance_encode(const struct chance_clock *c, int64_t wall_s, int64_t mono_ms,
                     unsigned char out[CHANCE_BYTES]);
int chance_decode(struct chance_clock *c, const void *p, size_t n, int64_t wall_s, int64_t mono_ms);

#endif
