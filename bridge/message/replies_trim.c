#include "bridge/message/replies_trim.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_S      86400
#define STEP_SEEN  2048 /* tokens in one step: about a millisecond */
#define STEP_GOING 512  /* of them removed: about a commit's worth */

uint64_t
replies_most_bytes(uint64_t reserve_bytes)
{
	return reserve_bytes / 4;
}

int
replies_trim_begin(struct replies_trim *t)
{
	t->of_age = calloc((size_t)t->days + 2, sizeof *t->of_age);
	return t->of_age != NULL ? 0 : -1;
}

void
replies_trim_end(struct replies_trim *t)
{
	free(t->of_age);
	t->of_age = NULL;
}

/* A day to come is today: a clock was ahead. */
static unsigned
age_of(const struct replies_trim *t, const struct reply_kept *k)
{
	int64_t age = (t->now_s - k->day_s) / DAY_S;

	if (k->day_s > t->now_s)
		return 0;
	return age > t->days ? t->days + 1 : (unsigned)age;
}

static uint64_t
bytes_of(const struct reply_kept *k)
{
	return k->address.n + REPLIES_OVERHEAD;
}

static int
count(void *arg, const struct reply_kept *k)
{
	struct replies_trim *t = arg;

	t->of_age[age_of(t, k)] += bytes_of(k);
	snprintf(t->after, sizeof t->after, "%s", k->token);
	return ++t->seen == STEP_SEEN;
}

static int
remove_old(void *arg, const struct reply_kept *k)
{
	struct replies_trim *t = arg;
	unsigned age = age_of(t, k);
	bool partly = age + 1 == t->from && t->left > 0;

	if (age >= t->from || partly) {
		replies_forget(t->change, k->token);
		t->going++;
	}
	if (partly)
		t->left -= bytes_of(k) < t->left ? bytes_of(k) : t->left;
	snprintf(t->after, sizeof t->after, "%s", k->token);
	return ++t->seen == STEP_SEEN || t->going == STEP_GOING;
}

/* What goes. Some more than must, so that the next new token does not call for this again. */
static void
decide(struct replies_trim *t)
{
	uint64_t kept = 0, too_much;
	unsigned age;

	for (age = 0; age <= t->days; age++)
		kept += t->of_age[age];
	t->from = t->days + 1;
	if (kept <= t->most_bytes)
		return;
	t->crowded = true;
	for (too_much = kept - t->most_bytes / 8 * 7; too_much > t->of_age[t->from - 1];)
		too_much -= t->of_age[--t->from];
	t->left = too_much;
}

/* 1 there is something to remove. */
static int
begin_removing(struct replies_trim *t)
{
	decide(t);
	t->counted = true;
	t->after[0] = '\0';
	return t->left > 0 || t->from <= t->days || t->of_age[t->days + 1] > 0;
}

static int
remove_some(struct replies_trim *t, struct spool *s)
{
	int rc;

	t->change = spool_change_new(s);
	rc = t->change != NULL ? replies_each(s, t->after, remove_old, t) : -1;
	if (rc == 0 && t->going > 0)
		rc = spool_commit(t->change);
	spool_change_free(t->change);
	t->change = NULL;
	t->removed += rc == 0 ? t->going : 0;
	return rc;
}

int
replies_trim_step(struct replies_trim *t, struct spool *s)
{
	int rc;

	t->seen = t->going = 0;
	rc = t->counted ? remove_some(t, s) : replies_each(s, t->after, count, t);
	if (rc < 0)
		return -1;
	if (t->seen == STEP_SEEN || t->going == STEP_GOING)
		return 1;
	return t->counted ? 0 : begin_removing(t);
}
