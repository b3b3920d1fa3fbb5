/*
 * What the spool's tests share: a spool of their own in a new directory, and
 * letters in one line.
 */
#ifndef SPOOL_TEST_H
#define SPOOL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spool/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EMPTY ((struct spool_bytes){"", 0})
#define DAY   INT64_C(86400)

struct place {
	char dir[64], spool[80];
	struct spool_options o;
};

static inline int
place_make(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	char why[300] = "";

	snprintf(p->dir, sizeof p->dir, "/tmp/spool-test.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->spool, sizeof p->spool, "%s/spool", p->dir);
	p->o = (struct spool_options){.directory = p->spool,
	                              .reserve_bytes = 1 << 20,
	                              .lock_wait_ms = 2000,
	                              .journal_days = 30,
	                              .quarantine_days = 30,
	                              .job_days = 30};
	if (spool_create(&p->o, why, sizeof why) < 0)
		fail_msg("%s", why);
	*state = p;
	return 0;
}

static inline int
place_remove(void **state)
{
	struct place *p = *state;
	char command[200];

	snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
	if (system(command) != 0)
		return -1;
	free(p);
	return 0;
}

#define spool_test(f) cmocka_unit_test_setup_teardown(f, place_make, place_remove)

static inline struct spool *
opened(struct place *p)
{
	struct spool *s;

	if (spool_open(&s, &p->o) < 0)
		fail_msg("%s", spool_error(s));
	return s;
}

static inline struct spool_draft *
letter(struct spool *s, const char *body, const char *to, const char *dest, uint8_t rank)
{
	struct spool_draft *d = spool_draft_new(s);

	assert_non_null(d);
	assert_int_equal(spool_draft_write(d, body, strlen(body)), 0);
	assert_int_equal(spool_draft_sender(d, "decvax!piet"), 0);
	assert_int_equal(spool_draft_recipient(d, to, dest, rank, EMPTY), 0);
	return d;
}

static inline void
committed(struct spool *s, struct spool_change *c)
{
	if (spool_commit(c) < 0)
		fail_msg("%s: %s", spool_status_name(spool_status(s)), spool_error(s));
	spool_change_free(c);
}

static inline void
refused(struct spool *s, struct spool_change *c, enum spool_status st)
{
	assert_int_equal(spool_commit(c), -1);
	assert_string_equal(spool_status_name(spool_status(s)), spool_status_name(st));
	assert_true(spool_error(s)[0]);
	spool_change_free(c);
}

static inline spool_id
accepted(struct spool *s, struct spool_draft *d, int64_t now_s)
{
	struct spool_change *c = spool_change_new(s);
	spool_id id = 0;

	if (spool_accept(c, d, now_s, &id) < 0)
		fail_msg("%s", spool_error(s));
	committed(s, c);
	assert_true(id != 0);
	return id;
}

static inline void
settled(struct spool *s, spool_id id, uint32_t rcpt, enum spool_outcome outcome, int64_t now_s)
{
	struct spool_change *c = spool_change_new(s);
	struct spool_settlement st = {.id = id, .rcpt = rcpt, .outcome = outcome, .now_s = now_s};

	assert_int_equal(spool_settle(c, &st), 0);
	committed(s, c);
}

static inline struct spool_counts
counted(struct spool *s)
{
	struct spool_counts n;

	assert_int_equal(spool_counts(s, &n), 0);
	return n;
}

static inline void
tell_fault(void *arg, const char *words)
{
	(void)arg;
	(void)words;
}

static inline uint64_t
faults(struct spool *s)
{
	uint64_t n = 0;

	assert_int_equal(spool_verify(s, tell_fault, NULL, &n), 0);
	return n;
}

static inline spool_dest
dest_of(struct spool *s, spool_id id, uint32_t rcpt)
{
	struct spool_delivery d;
	spool_dest dest;

	assert_int_equal(spool_delivery_get(s, id, rcpt, &d), 0);
	dest = d.dest;
	spool_delivery_free(&d);
	return dest;
}

static inline int
count_line(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	(void)id;
	(void)at_s;
	(void)line;
	(void)n;
	++*(int *)arg;
	return 0;
}

static inline int
lines_of(struct spool *s, spool_id id)
{
	int n = 0;

	assert_int_equal(spool_journal(s, id, count_line, &n), 0);
	return n;
}

/* The whole content, NUL-terminated; the caller frees it. */
static inline char *
content_of(struct spool *s, spool_id id)
{
	struct spool_content *c;
	uint64_t size, at = 0;
	size_t n = 1;
	char *p;

	if (spool_content_open(s, id, &c, &size) < 0)
		fail_msg("%s", spool_error(s));
	p = malloc(size + 1);
	for (; n > 0; at += n)
		assert_int_equal(
		    spool_content_read(c, at, p + at, size - at < 7000 ? size - at : 7000, &n), 0);
	assert_int_equal(at, size);
	p[size] = '\0';
	spool_content_close(c);
	return p;
}

#endif
