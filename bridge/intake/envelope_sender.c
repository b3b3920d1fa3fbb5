#include "bridge/intake/envelope_int.h"

#include "bridge/addr/addr.h"
#include "bridge/addr/from_line.h"
#include "bridge/intake/passages.h"

static enum addr_reading
reading_of(const struct intake *in)
{
	return route_reading(in->routes, &in->ask);
}

/* user of ours, or user of the neighbour's */
static void
add_user(struct envelope *e, const struct intake *in, struct span user)
{
	if (in->site[0] != '\0') {
		buf_str(&e->sender, in->site);
		buf_ch(&e->sender, '!');
		buf_span(&e->sender, user);
	} else {
		buf_span(&e->sender, user);
		buf_ch(&e->sender, '@');
		buf_str(&e->sender, route_our_domain(in->routes));
	}
}

static int
read_sender(struct envelope *e, const struct intake *in, struct span written, unsigned how,
            const char **why)
{
	struct buf store = {0};
	struct addr a;
	int rc;

	buf_clear(&e->sender);
	e->passages = 0;
	written = envelope_bare(written);
	rc = addr_parse(written, (enum addr_reading)how, &store, &a, why);
	/* wide as names of X.400 are: towards SMTP a token stands for them */
	if (rc == 0 && (*why = addr_refused(&a, ADDR_MAY_BE_NULL | ADDR_MAY_BE_UTF8 |
	                                            ADDR_MAY_BE_LONG | ADDR_MAY_BE_WIDE)) != NULL)
		rc = -1;
	if (rc == 0)
		e->passages = passages_of_path(in->routes, a.path);
	if (rc == 0 && !addr_is_null_sender(&a)) {
		if (a.hops == 0)
			add_user(e, in, written);
		else
			buf_span(&e->sender, written);
	}
	if (store.bad || e->sender.bad) {
		*why = NULL;
		rc = -1;
	}
	buf_free(&store);
	return rc;
}

int
envelope_sender(struct envelope *e, const struct intake *in, struct span written, const char **why)
{
	return read_sender(e, in, written, reading_of(in), why);
}

/* No From_ line: who brought it, as far as that is an address. */
static int
sender_is_bringer(struct envelope *e, const struct intake *in, const char **why)
{
	if (in->client[0] != '\0' &&
	    read_sender(e, in, span_of(in->client), reading_of(in), why) == 0)
		return 0;
	return read_sender(e, in, SPAN("unknown"), reading_of(in), why);
}

int
envelope_sender_of_chain(struct envelope *e, const struct intake *in, struct span chain,
                         const char **why)
{
	struct from_chain found = {0};
	struct buf path = {0};
	int rc = 0;

	if (chain.n > 0)
		rc = from_chain_read(chain, true, reading_of(in), &path, &found);
	*why = path.bad ? NULL : found.why;
	if (rc == 0 && found.lines > 0)
		rc = read_sender(e, in, found.path, reading_of(in) | ADDR_ANY_USER, why);
	else if (rc == 0)
		rc = sender_is_bringer(e, in, why);
	buf_free(&path);
	return rc;
}
