#include "bridge/intake/envelope.h"

#include "bridge/addr/addr.h"
#include "bridge/addr/from_line.h"
#include "bridge/intake/passages.h"

#include <string.h>

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
	buf_clear(&e->expanded);
	buf_clear(&e->listed);
	e->full = false;
	seen_clear(&e->seen);
}

void
envelope_free(struct envelope *e)
{
	buf_free(&e->sender);
	buf_free(&e->names);
	buf_free(&e->excess);
	buf_free(&e->expanded);
	buf_free(&e->listed);
	seen_free(&e->seen);
	*e = (struct envelope){0};
}

/* ---- recipients, each once ---- */

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
deliver(struct envelope *e, struct draft *d, struct span address, const char *destination,
        const struct recipient_attrs *attrs)
{
	struct buf text = {0}, record = {0};
	int rc = -1;

	buf_span(&text, address);
	recipient_attrs_encode(attrs, &record);
	e->octets += text.n + strlen(destination) + record.n;
	if (!text.bad && !record.bad)
		rc = spool_draft_recipient(d->spool, buf_text(&text), destination, RANK_NORMAL,
		                           (struct spool_bytes){record.p, record.n});
	buf_free(&text);
	buf_free(&record);
	return rc;
}

static bool
is_full(const struct envelope *e, const struct intake *in)
{
	return e->full || e->good + e->refused >= in->config->limit.recipients ||
	       e->octets >= OCTETS_MOST;
}

static int
add_excess(struct envelope *e, struct span address)
{
	if (++e->nexcess > NAMES_MOST || e->excess.n >= NAMES_OCTETS)
		e->overrun = true;
	return e->overrun ? 0 : add_name(&e->excess, address);
}

static int
refuse(struct envelope *e, struct drafts *d, struct span address,
       const struct recipient_attrs *attrs)
{
	if (address.n > SHOWN_MAX)
		address.n = SHOWN_MAX;
	e->refused++;
	return deliver(e, drafts_from(d, NULL), address, "refused:", attrs);
}

int
envelope_unreadable(struct envelope *e, const struct intake *in, struct drafts *d,
                    struct span address, const struct recipient_attrs *attrs)
{
	return is_full(e, in) ? add_excess(e, address) : refuse(e, d, address, attrs);
}

/* ---- aliases ---- */

/*
 * What the sender asked for, as the members of an alias have it (RFC 3461
 * 5.2.7): those of a list nothing of it, a single one all, several no word of
 * success, since the sender is told that his letter was expanded.
 */
static struct recipient_attrs
attrs_of_member(const struct recipient_attrs *asked, struct span alias,
                const struct route_member *m, bool single)
{
	struct recipient_attrs a = *asked;

	a.alias = alias;
	if (m->owner != NULL) {
		a.notify = 0;
		a.orcpt = SPAN("");
	} else if (!single && (a.notify & DSN_SUCCESS) != 0) {
		a.notify &= ~(unsigned)DSN_SUCCESS;
		if (a.notify == 0)
			a.notify = DSN_NEVER;
	}
	return a;
}

/* The journal's word on those members of the alias that the message goes to. */
static void
say_expanded(struct envelope *e, struct draft *d, struct span alias, const struct buf *members,
             unsigned n)
{
	size_t before = d->story.n;

	event_line(&d->story, EVENT_EXPANDED, event_span("to", alias),
	           event_span("as", buf_view(members)), event_number("recipients", n),
	           event_text("owner", d->owner));
	buf_ch(&d->story, '\n');
	e->octets += d->story.n - before;
}

static bool
is_from(const struct route_member *m, const struct draft *d)
{
	return m->owner == NULL ? d->owner == NULL
	                        : d->owner != NULL && strcmp(m->owner, d->owner) == 0;
}

static int
deliver_member(struct envelope *e, struct draft *d, const struct route_member *m,
               const struct recipient_attrs *attrs)
{
	if (span_starts_nocase(span_of(m->destination), "refused:"))
		e->refused++;
	else
		e->good++;
	return deliver(e, d, span_of(m->address), m->destination, attrs);
}

/* Those members that are sent the letter by the draft's sender. */
static int
deliver_from(struct envelope *e, struct draft *d, struct span alias,
             const struct recipient_attrs *asked, const struct route_expansion *x)
{
	struct recipient_attrs attrs;
	struct buf members = {0};
	unsigned n = 0;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < x->n; i++) {
		if (!is_from(&x->v[i], d))
			continue;
		attrs = attrs_of_member(asked, alias, &x->v[i], x->reached == 1);
		rc = deliver_member(e, d, &x->v[i], &attrs);
		if (members.n < SHOWN_MAX)
			buf_fmt(&members, "%s%s", n > 0 ? ", " : "", x->v[i].address);
		n++;
	}
	if (n > 0)
		say_expanded(e, d, alias, &members, n);
	rc = members.bad || d->story.bad ? -1 : rc;
	buf_free(&members);
	return rc;
}

/* Room for all of it: members, octets, and a message for each owner that is new. */
static bool
fits(const struct envelope *e, const struct drafts *d, struct span alias,
     const struct recipient_attrs *asked, const struct route_expansion *x)
{
	size_t i, octets = e->octets, owners = 0;
	const char *last = NULL;

	for (i = 0; i < x->n; i++) {
		octets += strlen(x->v[i].address) + strlen(x->v[i].destination) + alias.n +
		          asked->orcpt.n + 16;
		if (x->v[i].owner != NULL && x->v[i].owner != last)
			owners++;
		last = x->v[i].owner;
	}
	return !x->too_many && octets < OCTETS_MOST && owners <= drafts_room(d);
}

static int
deliver_alias(struct envelope *e, struct drafts *d, struct span alias,
              const struct recipient_attrs *asked, const struct route_expansion *x)
{
	size_t i;

	if (!fits(e, d, alias, asked, x)) {
		e->full = true; /* its members count as seen: nobody may miss the letter for that */
		return add_excess(e, alias);
	}
	for (i = 0; i < x->n; i++)
		if (drafts_from(d, x->v[i].owner) == NULL)
			return -1;
	for (i = 0; i < d->n; i++)
		if (deliver_from(e, &d->v[i], alias, asked, x) != 0)
			return -1;
	if (x->n > 0 && (asked->notify & DSN_SUCCESS) != 0) {
		if (x->v[0].owner != NULL)
			return add_name(&e->listed, alias);
		if (x->reached > 1)
			return add_name(&e->expanded, alias);
	}
	return 0;
}

static int
deliver_whom_it_means(struct envelope *e, const struct intake *in, struct drafts *d,
                      struct span address, const struct recipient_attrs *attrs)
{
	struct route_expansion x = {.most = in->config->limit.recipients - (e->good + e->refused)};
	int rc = route_expand(in->routes, address, &in->ask, &e->seen, &x);

	if (rc == 0 && x.expanded && !x.nobody)
		rc = deliver_alias(e, d, address, attrs, &x);
	else if (rc == 0 && x.n > 0)
		rc = deliver_member(e, drafts_from(d, NULL), &x.v[0], attrs);
	route_expansion_free(&x);
	return rc;
}

int
envelope_recipient(struct envelope *e, const struct intake *in, struct drafts *d,
                   struct span address, const struct recipient_attrs *attrs)
{
	int new;

	address = without_angles(address);
	if (e->overrun || (new = seen_add(&e->seen, address)) == 0)
		return 0;
	if (new < 0)
		return -1;
	if (is_full(e, in))
		return add_excess(e, address);
	e->unnamed |= e->names.n >= NAMES_OCTETS;
	if (!e->unnamed && add_name(&e->names, address) != 0)
		return -1;
	if (address.n > ADDR_TEXT_MAX || memchr(address.p, '\0', address.n) != NULL)
		return refuse(e, d, address, attrs);
	return deliver_whom_it_means(e, in, d, address, attrs);
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
