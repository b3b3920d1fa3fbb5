/*
 * Octets at random through the routes (libFuzzer: `make fuzz`). The first one
 * says who brought the address and which gateway reads it; what must hold is
 * in tests/unit/route_checks.h. And nobody who may not relay reaches a domain.
 */
#include "tests/unit/route_checks.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
fail_at(const char *what, struct span text, struct span got)
{
	struct buf a = {0}, b = {0};

	buf_escape(&a, text);
	buf_escape(&b, got);
	fprintf(stderr, "%s: %s gives %s\n", what, buf_text(&a), buf_text(&b));
	abort();
}

/* The site guest may not relay: without a key there is nothing of ours that lets it. */
static void
stays_with_us(struct span text)
{
	const struct route_ask guest = {.site = "guest", .now_s = NOON};
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};

	route_find(tables[3], text, &guest, &a);
	/* example.org is the postmaster's */
	if (a.hop == HOP_MX && a.site == NULL && !span_is(buf_view(&a.domain), "example.org"))
		fail_at("a guest is relayed", text, buf_view(&a.domain));
	route_steps_free(&steps);
	route_answer_free(&a);
}

/* The reverse direction can be told of anything. */
static void
is_told(const struct route_table *t, struct span text)
{
	const struct route_ask ourselves = {.now_s = NOON};
	const struct rewrite w = {.table = t, .ask = &ourselves, .now_s = NOON, .srs = true};
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};
	struct buf sender = {0};

	if (rewrite_explain_answer(&w, text, &sender, &a) < 0 || steps.lost > 0)
		fail_at("not told", text, buf_view(&sender));
	route_steps_free(&steps);
	route_answer_free(&a);
	buf_free(&sender);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool open;

	if (n == 0)
		return 0;
	if (!open && gateways_open() < 0)
		abort();
	open = true;
	check_address(data[0], (struct span){(const char *)data + 1, n - 1});
	stays_with_us((struct span){(const char *)data + 1, n - 1});
	is_told(tables[data[0] % 4], (struct span){(const char *)data + 1, n - 1});
	return 0;
}
