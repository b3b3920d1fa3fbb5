/*
 * Recipients and senders at random through the routes (libFuzzer: `make fuzz`).
 * What is said at acceptance must be what is said when it is sent; nobody who
 * may not relay reaches a domain; and what a sender is rewritten to stays when
 * it is rewritten again, and is a recipient that has an answer.
 */
#include "bridge/route/rewrite.h"
#include "bridge/route/route.h"
#include "tests/unit/ask.h"
#include "tests/unit/gateway.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
recipient(const struct route_table *t, struct span text, const char *from)
{
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};
	struct buf destination = {0};

	route_destination(t, text, ASK(from), &destination);
	if (route_find(t, text, ASK(from), &a) < 0 ||
	    !span_eq(buf_view(&destination), buf_view(&a.destination)))
		abort();
	/* example.org is the postmaster's */
	if (from != NULL && from[0] == 'g' && a.hop == HOP_MX && a.site == NULL &&
	    !span_is(buf_view(&a.domain), "example.org"))
		abort();
	if (route_of_destination(t, buf_view(&destination), &a) < 0)
		abort();
	route_steps_free(&steps);
	route_answer_free(&a);
	buf_free(&destination);
}

static void
sender(const struct route_table *t, struct span text, const char *from)
{
	struct buf once = {0}, twice = {0};
	const char *why;
	int rc = rewrite_sender(REWRITE(t, from), text, &once, NULL, &why);

	if (rc < 0)
		abort();
	if (rewrite_sender(REWRITE(t, NULL), buf_view(&once), &twice, NULL, &why) != 0 ||
	    !span_eq(buf_view(&once), buf_view(&twice)))
		abort();
	buf_clear(&twice);
	rewrite_field(REWRITE(t, from), text, &twice, &why);
	buf_free(&once);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const froms[] = {NULL, "vax43", "guest", "bravo", "alpha", "xyz"};
	struct route_table *t;
	struct span text;
	const char *from;

	if (n == 0)
		return 0;
	t = route_table_new(&gateway);
	from = froms[data[0] % 6];
	text = (struct span){(const char *)data + 1, n - 1};
	recipient(t, text, from);
	sender(t, text, from);
	route_table_free(t);
	return 0;
}
