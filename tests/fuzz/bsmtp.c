/*
 * Batches of any octets: torn anywhere they give the same events, every kept
 * piece lies within the stream, and no message comes twice from one place.
 */
#include "bridge/intake/bsmtp.h"

#include <stdint.h>
#include <stdlib.h>

struct seen {
	uint64_t hash; /* of all events, and of the text's octets one by one */
	uint64_t size, message_end;
};

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
mix(struct seen *s, const void *octets, size_t n)
{
	const unsigned char *p = octets;

	while (n-- > 0)
		s->hash = (s->hash ^ *p++) * UINT64_C(1099511628211);
}

static void
check(struct seen *s, const struct bsmtp_event *e)
{
	if (e->what != BSMTP_WHOLE && e->what != BSMTP_KEEP)
		return;
	if (e->from > e->to || e->to > s->size)
		abort();
	if (e->what != BSMTP_WHOLE)
		return;
	if (e->from < s->message_end)
		abort();
	s->message_end = e->to;
}

static void
record(void *arg, const struct bsmtp_event *e)
{
	struct seen *s = arg;

	if (e->what != BSMTP_TEXT) {
		mix(s, &e->what, sizeof e->what);
		mix(s, &e->from, sizeof e->from);
		mix(s, &e->to, sizeof e->to);
		mix(s, e->params.p, e->params.n);
	}
	mix(s, e->text.p, e->text.n);
	check(s, e);
}

static uint64_t
run(const uint8_t *p, size_t n, size_t step)
{
	struct seen s = {.hash = 1, .size = n};
	struct bsmtp b;

	bsmtp_begin(&b, record, &s);
	for (size_t at = 0; at < n; at += step)
		bsmtp_feed(&b, (struct span){(const char *)p + at, n - at < step ? n - at : step});
	bsmtp_end(&b);
	bsmtp_free(&b);
	return s.hash;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint64_t whole = run(p, n, n + 1);

	if (run(p, n, 1) != whole || run(p, n, 7) != whole)
		abort();
	return 0;
}
