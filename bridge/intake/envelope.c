#include "bridge/intake/envelope.h"

#include "bridge/addr/addr.h"
#include "bridge/addr/from_line.h"
#include "bridge/intake/passages.h"

#include <stdlib.h>
#include <xxhash.h>

#define RANK_NORMAL 2
#define SHOWN_MAX   1000 /* octets that are kept of an address nobody can read */

/*
 * What a batch of a few megabytes could ask for without these: a notice as
 * large as the memory, and deliveries that the spool takes in no transaction.
 */
#define NAMES_MOST   10000        /* recipients that a notice lists */
#define NAMES_OCTETS (768u << 10) /* their names */
#define OCTETS_MOST  (3u << 20)   /* of deliveries: the spool holds 4 MiB of one letter */

const char envelope_overrun_words[] = "far more recipients than one letter may have";

void
envelope_clear(struct envelope *e)
{
	buf_clear(&e->sender);
	buf_clear(&e->names);
	buf_clear(&e->excess);
	e->good = e->refused = e->nexcess = 0;
	e->unnamed = e->overrun = false;
	e->octets = 0;
	e->nseen = 0;
	if (e->seen != NULL)
		memset(e->seen, 0, e->seen_room * sizeof *e->seen);
}

void
envelope_free(struct envelope *e)
{
	buf_free(&e->sender);
	buf_free(&e->names);
	buf_free(&e->excess);
	free(e->seen);
	*e = (struct envelope){0};
}

/* ---- recipients, each once ---- */

static bool
put_hash(uint64_t *table, size_t room, uint64_t h)
{
	size_t i = (size_t)h & (room - 1);

	for (; table[i] != 0; i = (i + 1) & (room - 1))
		if (table[i] == h)
			return false;
	table[i] = h;
	return true;
}

/* Twice as large, at a power of two. 0, or -1 without memory. */
static int
grow_seen(struct envelope *e)
{
	size_t room = e->seen_room ? 2 * e->seen_room : 32;
	uint64_t *v = calloc(room, sizeof *v);

	if (v == NULL)
		return -1;
	for (size_t i = 0; i < e->seen_room; i++)
		if (e->seen[i] != 0)
			put_hash(v, room, e->seen[i]);
	free(e->seen);
	e->seen = v;
	e->seen_room = room;
	return 0;
}

/* 1 when it is new, 0 when it was there, -1 without memory. Who writes two addresses of one hash
 * on purpose loses only his own. */
static int
see(struct envelope *e, struct span address)
{
	uint64_t h = XXH3_64bits(address.p, address.n) | 1;

	if (2 * (e->nseen + 1) > e->seen_room && grow_seen(e) != 0)
		return -1;
	if (!put_hash(e->seen, e->seen_room, h))
		return 0;
	e->nseen++;
	return 1;
}

/* Cut to what a person may be shown, and without what would make two names of it. */
static int
add_name(struct buf *list, struct span address)
{
	size_t n = address.n < SHOWN_MAX ? address.n : SHOWN_MAX;

	for (size_t i = 0; i < n; i++)
		buf_ch(list, address.p[i] == '\n' || address.p[i] == '\0' ? ' ' : address.p[i]);
	buf_ch(list, '\n');
	return list->bad ? -1 : 0;
}

static struct span
without_angles(struct span s)
{
	s = addr_unwrap(s);
	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		return (struct span){s.p + 1, s.n - 2};
	return s;
}

static int
deliver(struct envelope *e, struct spool_draft *d, struct span address, const char *destination,
        const struct recipient_attrs *attrs)
{
	struct buf text = {0}, record = {0};
	int rc = -1;

	buf_span(&text, address);
	recipient_attrs_encode(attrs, &record);
	e->octets += text.n + strlen(destination) + record.n;
	if (!text.bad && !record.bad)
		rc = spool_draft_recipient(d, buf_text(&text), destination, RANK_NORMAL,
		                           (struct spool_bytes){record.p, record.n});
	buf_free(&text);
	buf_free(&record);
	return rc;
}

static bool
is_full(const struct envelope *e, const struct intake *in)
{
	return e->good + e->refused >= in->config->limit.recipients || e->octets >= OCTETS_MOST;
}

static int
add_excess(struct envelope *e, struct span address)
{
	if (++e->nexcess > NAMES_MOST || e->excess.n >= NAMES_OCTETS)
		e->overrun = true;
	return e->overrun ? 0 : add_name(&e->excess, address);
}

static int
refuse(struct envelope *e, struct spool_draft *d, struct span address,
       const struct recipient_attrs *attrs)
{
	if (address.n > SHOWN_MAX)
		address.n = SHOWN_MAX;
	e->refused++;
	return deliver(e, d, address, "refused:", attrs);
}

int
envelope_unreadable(struct envelope *e, const struct intake *in, struct spool_draft *d,
                    struct span address, const struct recipient_attrs *attrs)
{
	return is_full(e, in) ? add_excess(e, address) : refuse(e, d, address, attrs);
}

int
envelope_recipient(struct envelope *e, const struct intake *in, struct spool_draft *d,
                   struct span address, const struct recipient_attrs *attrs)
{
	struct buf destination = {0};
	int rc;

	address = without_angles(address);
	if (e->overrun || (rc = see(e, address)) == 0)
		return 0;
	if (rc < 0)
		return -1;
	if (is_full(e, in))
		return add_excess(e, address);
	e->unnamed |= e->names.n >= NAMES_OCTETS;
	if (!e->unnamed && add_name(&e->names, address) != 0)
		return -1;
	if (address.n > ADDR_TEXT_MAX || memchr(address.p, '\0', address.n) != NULL)
		return refuse(e, d, address, attrs);
	route_destination(in->routes, address, &in->ask, &destination);
	if (span_starts_nocase(buf_view(&destination), "refused:"))
		e->refused++;
	else
		e->good++;
	rc = destination.bad ? -1 : deliver(e, d, address, buf_text(&destination), attrs);
	buf_free(&destination);
	return rc;
}

/* ---- the sender ---- */

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
	written = without_angles(written);
	rc = addr_parse(written, (enum addr_reading)how, &store, &a, why);
	if (rc == 0 && (*why = addr_refused(&a, ADDR_MAY_BE_NULL | ADDR_MAY_BE_UTF8 |
	                                            ADDR_MAY_BE_LONG)) != NULL)
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
