#include "bridge/message/replies_trim.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_S      86400
#define STEP_SEEN  2048 /* tokens in one step: about a millisecond */
#define STEP_GOING 512  /* of them removed: about a commit's worth */

#define LONG_ADDRESS 200 /* octets: real paths are shorter */

uint64_t
replies_most_bytes(uint64_t reserve_bytes)
{
	return reserve_bytes / 4;
}

/* The oldest that are kept. A record in daily use is renewed when a tenth of the days is over. */
static unsigned
oldest(const struct replies_trim *t)
{
	return t->days + t->days / REPLIES_RENEWED;
}

int
replies_trim_begin(struct replies_trim *t)
{
	size_t i;

	for (i = 0; i < 2; i++)
		if ((t->kinds[i].of_age = calloc((size_t)oldest(t) + 2, sizeof(uint64_t))) == NULL)
			return -1;
	return 0;
}

void
replies_trim_end(struct replies_trim *t)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		free(t->kinds[i].of_age);
		t->kinds[i].of_age = NULL;
	}
}

/* A day to come is today: a clock was ahead. */
static unsigned
age_of(const struct replies_trim *t, const struct reply_kept *k)
{
	int64_t age = (t->now_s - k->day_s) / DAY_S;

	if (k->day_s > t->now_s)
		return 0;
	return age > oldest(t) ? oldest(t) + 1 : (unsigned)age;
}

static uint64_t
bytes_of(const struct reply_kept *k)
{
	return k->address.n + REPLIES_OVERHEAD;
}

static struct replies_trim_kind *
kind_of(struct replies_trim *t, const struct reply_kept *k)
{
	return &t->kinds[k->address.n > LONG_ADDRESS ? 0 : 1];
}

static int
count(void *arg, const struct reply_kept *k)
{
	struct replies_trim *t = arg;

	kind_of(t, k)->of_age[age_of(t, k)] += bytes_of(k);
	snprintf(t->after, sizeof t->after, "%s", k->token);
	return ++t->seen == STEP_SEEN;
}

static int
remove_old(void *arg, const struct reply_kept *k)
{
	struct replies_trim *t = arg;
	struct replies_trim_kind *kind = kind_of(t, k);
	unsigned age = age_of(t, k);
	bool partly = age + 1 == kind->from && kind->left > 0;

	if (age >= kind->from || partly) {
		replies_forget(t->change, k->token);
		t->going++;
	}
	if (partly)
		kind->left -= bytes_of(k) < kind->left ? bytes_of(k) : kind->left;
	snprintf(t->after, sizeof t->after, "%s", k->token);
	return ++t->seen == STEP_SEEN || t->going == STEP_GOING;
}

/* So much of the kind goes, of the oldest; what is left to go of the other kinds. */
static uint64_t
take_of(struct replies_trim_kind *kind, uint64_t too_much)
{
	while (kind->from > 0 && too_much > kind->of_age[kind->from - 1])
		too_much -= kind->of_age[--kind->from];
	if (kind->from == 0)
		return too_much;
	kind->left = too_much;
	return 0;
}

/* What goes. Some more than must, so that the next new token does not call for this again. */
static void
decide(struct replies_trim *t)
{
	uint64_t kept = 0, too_much;
	unsigned age;
	size_t i;

	for (i = 0; i < 2; i++) {
		for (age = 0; age <= oldest(t); age++)
			kept += t->kinds[i].of_age[age];
		t->kinds[i].from = oldest(t) + 1;
	}
	if (kept <= t->most_bytes)
		return;
	t->crowded = true;
	too_much = kept - t->most_bytes / 8 * 7;
	for (i = 0; i < 2; i++)
		too_much = take_of(&t->kinds[i], too_much);
}

static bool
is_too_much(const struct replies_trim *t, const struct replies_trim_kind *kind)
{
	return kind->left > 0 || kind->from <= oldest(t) || kind->of_age[oldest(t) + 1] > 0;
}

/* 1 there is something to remove. */
static int
begin_removing(struct replies_trim *t)
{
	decide(t);
	t->counted = true;
	t->after[0] = '\0';
	return is_too_much(t, &t->kinds[0]) || is_too_much(t, &t->kinds[1]);
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
