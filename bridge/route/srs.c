/*
 * The Sender Rewriting Scheme: a letter from piet@cwi.example that we send on
 * by MX records would come from a host that cwi.example has not named as one
 * of its own (SPF, RFC 7208), so it leaves with a sender of ours from which
 * the old one can be had:
 *
 *	SRS0=k3v7x=ab=cwi.example=piet@gw.example.com
 *
 * What was SRS0 or SRS1 elsewhere already does not grow with each host: SRS1
 * names the host that made the SRS0 and takes its text as it is, so that the
 * answer goes there at once:
 *
 *	SRS0=HHH=TT=cwi.example=piet@b.example
 *	SRS1=k3v7xab=b.example==HHH=TT=cwi.example=piet@gw.example.com
 *	SRS0=HHH=TT=cwi.example=piet@b.example
 *
 * (M. Wong, "SRS", 2004, and libsrs2 as spoken.) The first separator may be
 * = + or -, and there are mailers that change case. SRS1 has no field for a
 * day; ours is in its digest, whose form is nobody else's affair.
 */
#include "bridge/route/reply_int.h"

#define SRS_LETTERS 4 /* "SRS0" */

/* 0 or 1, with *rest after the first separator; -1: an address like any other. */
static int
srs_kind(struct span mailbox, struct span *rest)
{
	char c;

	if (mailbox.n < SRS_LETTERS + 2 || !span_starts_nocase(mailbox, "SRS"))
		return -1;
	c = mailbox.p[SRS_LETTERS];
	if (c != '=' && c != '+' && c != '-')
		return -1;
	*rest = (struct span){mailbox.p + SRS_LETTERS + 1, mailbox.n - SRS_LETTERS - 1};
	return mailbox.p[3] == '0' ? 0 : mailbox.p[3] == '1' ? 1 : -1;
}

bool
srs_is(struct span mailbox)
{
	struct span rest;

	return srs_kind(mailbox, &rest) >= 0;
}

/* SRS0 of user at host; SRS1 of what stands behind "SRS0" in an address that host made. */
static void
add_signed(const struct rewrite *w, enum digest_use use, struct span host, struct span rest,
           struct buf *out)
{
	char tag[DIGEST_TAG + 1];
	struct buf text = {0};

	buf_fmt(&text, "%.*s=%.*s", (int)host.n, host.p, (int)rest.n, rest.p);
	digest_tag(w->table->memory.key, use, buf_view(&text), w->now_s, tag);
	if (use == DIGEST_SRS1)
		buf_fmt(out, "SRS1=%s=%s", tag, buf_text(&text));
	else
		buf_fmt(out, "SRS0=%.*s=%s=%s", DIGEST_TAG_LETTERS, tag, tag + DIGEST_TAG_LETTERS,
		        buf_text(&text));
	out->bad |= text.bad;
	buf_free(&text);
}

/* The SRS0 address that an SRS1 is for. */
static void
add_origin(struct span host, struct span tail, struct buf *address)
{
	buf_fmt(address, "SRS0%.*s@%.*s", (int)tail.n, tail.p, (int)host.n, host.p);
}

/* Of SRS1=digest=HOST=TAIL, without its SRS1=: the last two. */
static bool
srs1_parts(struct span rest, struct span *host, struct span *tail)
{
	span_cut(&rest, '=');
	*host = span_cut(&rest, '=');
	*tail = rest;
	return host->n > 0 && addr_hop_fault(*host) == NULL &&
	       (rest.n > 1 && (rest.p[0] == '=' || rest.p[0] == '+' || rest.p[0] == '-'));
}

bool
srs_origin(struct span mailbox, struct buf *address)
{
	struct span rest, host, tail;

	if (srs_kind(mailbox, &rest) != 1 || !srs1_parts(rest, &host, &tail))
		return false;
	add_origin(host, tail, address);
	return true;
}

/* The mailbox. 0, nothing appended, when it has no such form. */
static int
make(const struct rewrite *w, const struct addr *a, struct buf *out)
{
	struct span host = addr_first_hop(a), rest, maker, tail;
	size_t at = out->n;
	int kind;

	if (a->hops != 1 || (a->flags & ADDR_QUOTED) != 0 || host.p[0] == '[' ||
	    !reply_is_plain(a->user))
		return 0;
	kind = srs_kind(a->user, &rest);
	if (kind == 0)
		add_signed(w, DIGEST_SRS1, host, (struct span){rest.p - 1, rest.n + 1}, out);
	else if (kind == 1 && srs1_parts(rest, &maker, &tail) && addr_hop_is_domain(maker) &&
	         trip_is_elsewhere(w->table, maker)) /* or its answer ended here */
		add_signed(w, DIGEST_SRS1, maker, tail, out);
	else
		add_signed(w, DIGEST_SRS0, host, a->user, out);
	if (out->bad)
		return -1;
	if (reply_is_plain((struct span){out->p + at, out->n - at}))
		return 1;
	out->p[out->n = at] = '\0';
	return 0;
}

/*
 * Whoever has it may write to what a token stands for: so a sender is given
 * one, whoever it is, only for a mailbox at a domain, which is what an answer
 * to a letter reaches in any case. What leads on from there is asked about.
 */
static int
make_token(const struct rewrite *w, const struct addr *a, struct buf *out)
{
	if (a->hops == 1 && addr_first_hop(a).p[0] != '[' && relay_leads_out(a).n == 0)
		return reply_token_make(w, a, out);
	return reply_token(w, a, out);
}

int
srs_make(const struct rewrite *w, const struct addr *a, struct buf *out)
{
	int got = w->table->memory.keyed ? make(w, a, out) : 0;

	if (got == 0)
		got = make_token(w, a, out);
	if (got > 0)
		buf_fmt(out, "@%s", route_our_domain(w->table));
	return out->bad ? -1 : got;
}

/* HHHHH=DD=domain=user */
static enum digest_verdict
read_srs0(const struct route_table *t, int64_t now_s, struct span rest, struct buf *address)
{
	struct span digest = span_cut(&rest, '='), day = span_cut(&rest, '='), text = rest;
	struct span host = span_cut(&rest, '=');
	char tag[DIGEST_TAG];
	enum digest_verdict v;

	if (digest.n != DIGEST_TAG_LETTERS || day.n != DIGEST_TAG_DAY)
		return DIGEST_FORGED;
	memcpy(tag, digest.p, digest.n);
	memcpy(tag + digest.n, day.p, day.n);
	v = digest_tag_check(t->memory.key, DIGEST_SRS0, text, (struct span){tag, sizeof tag},
	                     now_s, reply_days(t));
	if (v == DIGEST_GOOD)
		buf_fmt(address, "%.*s@%.*s", (int)rest.n, rest.p, (int)host.n, host.p);
	return v;
}

/* HHHHHDD=host=tail */
static enum digest_verdict
read_srs1(const struct route_table *t, int64_t now_s, struct span rest, struct buf *address)
{
	struct span whole = rest, tag = span_cut(&rest, '='), host, tail;
	enum digest_verdict v =
	    digest_tag_check(t->memory.key, DIGEST_SRS1, rest, tag, now_s, reply_days(t));

	if (v != DIGEST_GOOD || !srs1_parts(whole, &host, &tail))
		return v == DIGEST_GOOD ? DIGEST_FORGED : v;
	add_origin(host, tail, address);
	return v;
}

enum digest_verdict
srs_read(const struct route_table *t, int64_t now_s, struct span mailbox, struct buf *address)
{
	struct span rest;

	return srs_kind(mailbox, &rest) == 0 ? read_srs0(t, now_s, rest, address)
	                                     : read_srs1(t, now_s, rest, address);
}
