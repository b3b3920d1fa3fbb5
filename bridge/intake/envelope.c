#include "bridge/intake/envelope_int.h"

#include "bridge/addr/addr.h"

#include <string.h>

#define RANK_NORMAL 2

/*
 * What a batch of a few megabytes could ask for without these, and without
 * ENVELOPE_OCTETS: a notice as large as the memory, and deliveries that the
 * spool takes in no transaction.
 */
#define NAMES_MOST   10000        /* recipients that a notice lists */
#define NAMES_OCTETS (768u << 10) /* their names */

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

int
envelope_name(struct buf *list, struct span address)
{
	size_t n = address.n < ENVELOPE_SHOWN ? address.n : ENVELOPE_SHOWN;

	for (size_t i = 0; i < n; i++)
		buf_ch(list, address.p[i] == '\n' || address.p[i] == '\0' ? ' ' : address.p[i]);
	buf_ch(list, '\n');
	return list->bad ? -1 : 0;
}

struct span
envelope_bare(struct span s)
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
	       e->octets >= ENVELOPE_OCTETS;
}

int
envelope_excess(struct envelope *e, struct span address)
{
	if (++e->nexcess > NAMES_MOST || e->excess.n >= NAMES_OCTETS)
		e->overrun = true;
	return e->overrun ? 0 : envelope_name(&e->excess, address);
}

static int
refuse(struct envelope *e, struct drafts *d, struct span address,
       const struct recipient_attrs *attrs)
{
	if (address.n > ENVELOPE_SHOWN)
		address.n = ENVELOPE_SHOWN;
	e->refused++;
	return deliver(e, drafts_from(d, NULL), address, "refused:", attrs);
}

int
envelope_unreadable(struct envelope *e, const struct intake *in, struct drafts *d,
                    struct span address, const struct recipient_attrs *attrs)
{
	return is_full(e, in) ? envelope_excess(e, address) : refuse(e, d, address, attrs);
}

int
envelope_member(struct envelope *e, struct draft *d, const struct route_member *m,
                const struct recipient_attrs *attrs)
{
	if (span_starts_nocase(span_of(m->destination), "refused:"))
		e->refused++;
	else
		e->good++;
	return deliver(e, d, span_of(m->address), m->destination, attrs);
}

static int
deliver_whom_it_means(struct envelope *e, const struct intake *in, struct drafts *d,
                      struct span address, const struct recipient_attrs *attrs)
{
	struct route_expansion x = {.most = in->config->limit.recipients - (e->good + e->refused)};
	int rc = route_expand(in->routes, address, &in->ask, &e->seen, &x);

	if (rc == 0 && x.expanded && !x.nobody)
		rc = envelope_alias(e, d, address, attrs, &x);
	else if (rc == 0 && x.n > 0)
		rc = envelope_member(e, drafts_from(d, NULL), &x.v[0], attrs);
	route_expansion_free(&x);
	return rc;
}

int
envelope_recipient(struct envelope *e, const struct intake *in, struct drafts *d,
                   struct span address, const struct recipient_attrs *attrs)
{
	int new;

	address = envelope_bare(address);
	if (e->overrun || (new = seen_add(&e->seen, address)) == 0)
		return 0;
	if (new < 0)
		return -1;
	if (is_full(e, in))
		return envelope_excess(e, address);
	e->unnamed |= e->names.n >= NAMES_OCTETS;
	if (!e->unnamed && envelope_name(&e->names, address) != 0)
		return -1;
	if (address.n > ADDR_TEXT_MAX || memchr(address.p, '\0', address.n) != NULL)
		return refuse(e, d, address, attrs);
	return deliver_whom_it_means(e, in, d, address, attrs);
}
