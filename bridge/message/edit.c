#include "bridge/message/edit.h"
#include "bridge/addr/from_line.h"
#include "bridge/base/clock.h"
#include "bridge/message/seven.h"
#include "bridge/route/outward.h"
#include "bridge/route/rewrite.h"
#include "spool/spool.h"

#include <ctype.h>
#include <string.h>

/*
 * Mail of our own world may be edited; what came by SMTP, and our notices, may
 * not, unless they go where domains may not be read.
 */
static bool
is_editable(const struct edit *e)
{
	enum origin o = e->job->attrs->origin;

	return e->job->neighbour != NULL || o == ORIGIN_LOCAL || o == ORIGIN_UUCP ||
	       o == ORIGIN_BSMTP;
}

/* A name from outside as an atom of a Received field. */
static void
add_atom(struct buf *out, struct span name)
{
	size_t i;

	for (i = 0; i < name.n; i++) {
		char c = name.p[i];

		buf_ch(out, isalnum((unsigned char)c) || strchr("-_.+[]:", c) != NULL ? c : '?');
	}
}

/*
 * RFC 5321 section 4.4; UUCP is a registered link ("via"), and what carried
 * the letter over it is the protocol ("with").
 */
static void
add_received(const struct edit *e, struct buf *out)
{
	const struct render_job *job = e->job;
	const struct message_attrs *a = job->attrs;
	/* a user of this machine is no host that a letter comes from */
	struct span source = a->origin == ORIGIN_SMTP ? a->client : a->site;
	char date[CLOCK_TEXT], id[SPOOL_ID_TEXT];

	buf_str(out, "Received: ");
	if (source.n > 0) {
		buf_str(out, "from ");
		add_atom(out, source);
		buf_ch(out, ' ');
	}
	buf_fmt(out, "by %s (bangway)", route_table_config(job->table)->hostname);
	if (a->origin == ORIGIN_UUCP || a->origin == ORIGIN_BSMTP)
		buf_fmt(out, "%s with %s", a->site.n > 0 ? " via UUCP" : "",
		        origin_name(a->origin));
	else if (a->origin == ORIGIN_SMTP)
		buf_str(out, " with ESMTP");
	buf_fmt(out, "\n\tid %s; %s\n", spool_id_text(job->id, id),
	        clock_text_mail(job->accepted_s, date));
}

/* Where the next remark is written. */
static struct buf *
remark(struct edit *e)
{
	if (e->remarks.n > 0)
		buf_str(&e->remarks, "; ");
	return &e->remarks;
}

/*
 * The one line that tells a UUCP neighbour whom errors go to. The lines that
 * the letter came with are dropped: the sender has their path, and the Date
 * field their time. The date is that of acceptance, so that the letter, sent
 * again, is the same octets.
 */
static void
add_from_line(struct edit *e, struct buf *out)
{
	const struct render_job *job = e->job;
	const char *why = "", *us = outward_our_name(job->table);
	struct buf user = {0};

	if (rewrite_sender(&e->rewrite, span_of(job->sender), &user, NULL, &why) > 0)
		buf_fmt(remark(e), "%s stands for the sender %s: %s", buf_text(&user), job->sender,
		        why);
	if (user.bad || from_line_write(out, buf_view(&user), job->accepted_s, span_of(us)) < 0)
		out->bad = true;
	buf_free(&user);
}

/* A sender as he is written in the header; for one who has no form there, our postmaster. */
static void
add_sender(const struct edit *e, const char *sender, struct buf *out)
{
	struct buf ours = {0};
	const char *why;

	if (e->job->neighbour == NULL) {
		rewrite_sender(&e->rewrite, span_of(sender), out, NULL, &why);
	} else if (rewrite_address(&e->rewrite, span_of(sender), out, &why) < 0) {
		/* not at localhost, which in a letter from a neighbour is the neighbour */
		buf_fmt(&ours, "postmaster@%s", route_our_domain(e->job->table));
		rewrite_address(&e->rewrite, buf_view(&ours), out, &why);
	}
	out->bad |= ours.bad;
	buf_free(&ours);
}

/* The field with its addresses in the other side's form, into made; false: it stays as it came. */
static bool
rewrite(struct edit *e, const struct header_field *f, struct buf *made)
{
	const char *why = "";
	int got;

	if (!is_editable(e) || !rewrite_is_address_field(f->name))
		return false;
	buf_add(made, f->all.p, (size_t)(f->body.p - f->all.p));
	got = rewrite_field(&e->rewrite, f->body, made, &why);
	if (got < 0)
		buf_fmt(remark(e), "%.*s left as it is: %s", (int)f->name.n, f->name.p, why);
	else if (why[0] != '\0')
		buf_fmt(remark(e), "an address in %.*s left as it is: %s", (int)f->name.n,
		        f->name.p, why);
	buf_ch(made, '\n');
	return got > 0;
}

static void
add_field(struct edit *e, const struct header_field *f, struct buf *out)
{
	struct buf made = {0};
	struct span all = f->all, body = f->body;

	if (rewrite(e, f, &made)) {
		all = buf_view(&made);
		body = (struct span){made.p + (f->body.p - f->all.p), 0};
		body.n = all.n - (size_t)(body.p - all.p) - 1;
	}
	out->bad |= made.bad;
	/* a maildir and rmail take the octets as they came */
	if (e->job->maildir || (e->job->neighbour != NULL && made.n == 0))
		buf_span(out, all);
	else if (e->job->neighbour != NULL)
		seven_fold(all, out);
	else if (seven_field(all, f->name, body, e->eightbit, out) < 0)
		e->stuck = true;
	buf_free(&made);
}

static bool
is_dropped(const struct edit *e, struct span name)
{
	if (e->mime != NULL && seven_drops(e->mime, name))
		return true;
	if (e->job->maildir && span_is_nocase(name, "Return-Path"))
		return true;
	/* Sendmail's, for letters without To: it names every recipient in every copy */
	return is_editable(e) && span_is_nocase(name, "Apparently-To");
}

/* When the letter was written, as its oldest From_ line says. */
static int64_t
date_of_chain(const struct edit *e)
{
	struct span rest = {e->start, e->header->chain_bytes}, date = SPAN("");
	struct from_line line;
	int64_t when_s;

	while (from_chain_next(&rest, &line))
		date = line.date;
	return from_date_read(date, &when_s) == 0 ? when_s : e->job->accepted_s;
}

static void
add_message_id(const struct edit *e, struct buf *out)
{
	size_t i;

	buf_str(out, "Message-ID: <");
	for (i = 0; i < sizeof e->job->uuid; i++)
		buf_fmt(out, "%02x", e->job->uuid[i]);
	buf_fmt(out, "@%s>\n", route_table_config(e->job->table)->hostname);
}

/* What RFC 5322 section 3.6 asks of a header, and a letter of 1986 may not have. */
static void
add_missing(const struct edit *e, struct buf *out)
{
	char date[CLOCK_TEXT];

	if (header_find(e->header, "From") == NULL) {
		buf_str(out, "From: ");
		add_sender(e, e->job->sender[0] != '\0' ? e->job->sender : "MAILER-DAEMON", out);
		buf_ch(out, '\n');
	}
	if (header_find(e->header, "Date") == NULL)
		buf_fmt(out, "Date: %s\n", clock_text_mail(date_of_chain(e), date));
	if (header_find(e->header, "Message-ID") == NULL)
		add_message_id(e, out);
}

int
edit_header(struct edit *e, struct buf *out)
{
	size_t i;

	if (e->job->neighbour != NULL)
		add_from_line(e, out);
	if (e->job->maildir) {
		buf_str(out, "Return-Path: <");
		add_sender(e, e->job->sender, out);
		buf_str(out, ">\n");
	}
	add_received(e, out);
	for (i = 0; i < e->header->n; i++)
		if (!is_dropped(e, e->header->v[i].name))
			add_field(e, &e->header->v[i], out);
	if (is_editable(e))
		add_missing(e, out);
	if (e->mime != NULL)
		seven_fields(e->mime, e->charset, header_find(e->header, "MIME-Version") == NULL,
		             out);
	return out->bad || e->remarks.bad ? -1 : 0;
}
