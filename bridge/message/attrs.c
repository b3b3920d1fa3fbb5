#include "bridge/message/attrs.h"

#include <string.h>

/* Numbers are for ever: they are in spools. */
enum tag {
	TAG_ORIGIN = 1,
	TAG_SITE = 2,
	TAG_CLIENT = 3,
	TAG_SMTPUTF8 = 4,
	TAG_RET = 5,
	TAG_ENVID = 6,
	TAG_FACTS = 7,
	TAG_NOTIFY = 8,
	TAG_ORCPT = 9,
	TAG_ALIAS = 10,
};

enum fact_bits {
	FACT_EIGHTBIT = 1,
	FACT_UTF8 = 2,
	FACT_LONG_LINE = 4,
	FACT_NUL = 8,
	FACT_BARE_CR = 16,
	FACT_UNENDED = 32,
};

#define FACTS_OCTETS 9 /* bits, lines */

static void
put(struct buf *out, enum tag tag, struct span value)
{
	unsigned char head[3] = {(unsigned char)tag};

	if (value.n > 0xffff)
		value.n = 0xffff;
	head[1] = (unsigned char)(value.n >> 8);
	head[2] = (unsigned char)value.n;
	buf_add(out, head, sizeof head);
	buf_span(out, value);
}

static void
put_text(struct buf *out, enum tag tag, struct span value)
{
	if (value.n > 0)
		put(out, tag, value);
}

static void
put_number(struct buf *out, enum tag tag, unsigned value)
{
	char octet = (char)value;

	if (value != 0)
		put(out, tag, (struct span){&octet, 1});
}

static void
put_facts(struct buf *out, const struct facts *f)
{
	unsigned char v[FACTS_OCTETS];
	int i;

	if (!f->known)
		return;
	v[0] = (unsigned char)((f->eightbit ? FACT_EIGHTBIT : 0) | (f->utf8 ? FACT_UTF8 : 0) |
	                       (f->long_line ? FACT_LONG_LINE : 0) | (f->nul ? FACT_NUL : 0) |
	                       (f->bare_cr ? FACT_BARE_CR : 0) | (f->unended ? FACT_UNENDED : 0));
	for (i = 0; i < 8; i++)
		v[1 + i] = (unsigned char)(f->lines >> (56 - 8 * i));
	put(out, TAG_FACTS, (struct span){(const char *)v, sizeof v});
}

void
message_attrs_encode(const struct message_attrs *a, struct buf *out)
{
	put_number(out, TAG_ORIGIN, (unsigned)a->origin);
	put_text(out, TAG_SITE, a->site);
	put_text(out, TAG_CLIENT, a->client);
	put_number(out, TAG_SMTPUTF8, a->smtputf8);
	put_number(out, TAG_RET, (unsigned)a->ret);
	put_text(out, TAG_ENVID, a->envid);
	put_facts(out, &a->facts);
}

void
recipient_attrs_encode(const struct recipient_attrs *a, struct buf *out)
{
	put_number(out, TAG_NOTIFY, a->notify);
	put_text(out, TAG_ORCPT, a->orcpt);
	put_text(out, TAG_ALIAS, a->alias);
}

/* The next entry; false at the end, or where the record is cut. */
static bool
next(struct span *rest, unsigned *tag, struct span *value)
{
	const unsigned char *u = (const unsigned char *)rest->p;
	size_t n;

	if (rest->n < 3)
		return false;
	*tag = u[0];
	n = (size_t)u[1] << 8 | u[2];
	if (rest->n - 3 < n)
		return false;
	*value = (struct span){rest->p + 3, n};
	rest->p += 3 + n;
	rest->n -= 3 + n;
	return true;
}

/* One octet below `limit`; anything else counts as not given. */
static unsigned
number(struct span value, unsigned limit)
{
	unsigned v = value.n == 1 ? (unsigned char)value.p[0] : 0;

	return v < limit ? v : 0;
}

static void
get_facts(struct span value, struct facts *f)
{
	const unsigned char *v = (const unsigned char *)value.p;
	int i;

	if (value.n != FACTS_OCTETS)
		return;
	f->known = true;
	f->eightbit = (v[0] & FACT_EIGHTBIT) != 0;
	f->utf8 = (v[0] & FACT_UTF8) != 0;
	f->long_line = (v[0] & FACT_LONG_LINE) != 0;
	f->nul = (v[0] & FACT_NUL) != 0;
	f->bare_cr = (v[0] & FACT_BARE_CR) != 0;
	f->unended = (v[0] & FACT_UNENDED) != 0;
	f->lines = 0;
	for (i = 0; i < 8; i++)
		f->lines = f->lines << 8 | v[1 + i];
}

void
message_attrs_decode(struct span record, struct message_attrs *out)
{
	struct span value;
	unsigned tag;

	memset(out, 0, sizeof *out);
	out->site = out->client = out->envid = SPAN("");
	while (next(&record, &tag, &value)) {
		if (tag == TAG_ORIGIN)
			out->origin = number(value, ORIGIN_NOTICE + 1);
		else if (tag == TAG_SITE)
			out->site = value;
		else if (tag == TAG_CLIENT)
			out->client = value;
		else if (tag == TAG_SMTPUTF8)
			out->smtputf8 = number(value, 2) != 0;
		else if (tag == TAG_RET)
			out->ret = number(value, DSN_RET_HDRS + 1);
		else if (tag == TAG_ENVID)
			out->envid = value;
		else if (tag == TAG_FACTS)
			get_facts(value, &out->facts);
	}
}

void
recipient_attrs_decode(struct span record, struct recipient_attrs *out)
{
	struct span value;
	unsigned tag;

	memset(out, 0, sizeof *out);
	out->orcpt = out->alias = SPAN("");
	while (next(&record, &tag, &value)) {
		if (tag == TAG_NOTIFY)
			out->notify = number(value, DSN_DELAY * 2);
		else if (tag == TAG_ORCPT)
			out->orcpt = value;
		else if (tag == TAG_ALIAS)
			out->alias = value;
	}
}

void
message_attrs_ask(const struct message_attrs *a, int64_t accepted_s, struct buf *store,
                  struct route_ask *out)
{
	*out = (struct route_ask){.now_s = accepted_s};
	buf_clear(store);
	if (a->site.n > 0) {
		buf_span(store, a->site);
		out->site = buf_text(store);
	} else if (a->origin == ORIGIN_SMTP) {
		buf_span(store, a->client);
		out->client = buf_text(store);
	}
}

struct route_ask
recipient_attrs_ask(const struct recipient_attrs *a, const struct route_ask *ask)
{
	return a->alias.n > 0 ? (struct route_ask){.now_s = ask->now_s} : *ask;
}

const char *
origin_name(enum origin o)
{
	static const char *const names[] = {"local", "rmail", "bsmtp", "smtp", "notice"};

	return names[o];
}
