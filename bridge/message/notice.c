/*
 * A notice is read by two: by a person, who may be on a ship or at a VT100 and
 * wants to know what happened and what to do; and by a program, which wants
 * RFC 3464. So the first part says it in lines of 72 columns, and needs
 * neither the header nor the other parts; the second is ASCII, field by field.
 *
 * Everything from outside (addresses, replies, the letter's subject) is
 * escaped: nothing in a notice acts on a terminal, ends a header field or
 * makes a boundary.
 */
#include "bridge/message/notice.h"
#include "bridge/addr/addr.h"
#include "bridge/base/clock.h"
#include "bridge/message/header.h"
#include "bridge/message/notice_text.h"
#include "spool/spool.h"

#include <string.h>

#define RETURN_WHOLE  65536 /* a letter up to this size goes back whole when RET=FULL asks */
#define RETURN_HEADER 16384 /* octets of its header that go back */

/* What a notice of each kind says. */
static const struct kind {
	unsigned asked;       /* of NOTIFY (RFC 3461 4.1) */
	bool unasked;         /* it is sent to who did not say, too */
	char class;           /* of the status */
	const char *action;   /* RFC 3464 2.3.3 */
	const char *subject;  /* before the first recipient */
	const char *happened; /* before all of them */
	const char *outlook;  /* after them; "" there is more to say than words */
} kinds[] = {
    [NOTICE_FAILED] = {.asked = DSN_FAILURE,
                       .unasked = true,
                       .class = '5',
                       .action = "failed",
                       .subject = "Not delivered",
                       .happened = "Your letter could not be delivered to",
                       .outlook = ""},
    [NOTICE_DELAYED] = {.asked = DSN_DELAY,
                        .unasked = true,
                        .class = '4',
                        .action = "delayed",
                        .subject = "Delayed",
                        .happened = "Your letter is delayed. It has not yet been delivered to",
                        .outlook = ""},
    [NOTICE_RELAYED] = {.asked = DSN_SUCCESS,
                        .class = '2',
                        .action = "relayed",
                        .subject = "Handed on",
                        .happened = "Your letter is on its way. It was handed on for",
                        .outlook =
                            "You asked to be told. From there on nothing more will be reported:\n"
                            "the host that has it now sends no such notices.\n\n"},
    [NOTICE_EXPANDED] = {.asked = DSN_SUCCESS,
                         .class = '2',
                         .action = "expanded",
                         .subject = "Handed on",
                         .happened = "Your letter is on its way to everybody who is meant by",
                         .outlook =
                             "You asked to be told. If it cannot be delivered to one of them, you\n"
                             "will hear of it.\n\n"},
    [NOTICE_DELIVERED] =
        {.asked = DSN_SUCCESS,
         .class = '2',
         .action = "delivered",
         .subject = "Delivered",
         .happened = "Your letter was given to the list",
         .outlook = "You asked to be told. What becomes of it there is told to those who\n"
                    "look after the list.\n\n"},
};

const char *
notice_kind_name(enum notice_kind kind)
{
	return kinds[kind].action;
}

bool
notice_is_wanted(const char *sender, enum notice_kind kind, const struct recipient_attrs *a)
{
	struct buf store = {0};
	struct addr addr;
	const char *why;
	bool null;

	null = addr_parse(span_of(sender), ADDR_DOMAIN_FIRST | ADDR_ANY_USER, &store, &addr,
	                  &why) == 0 &&
	       addr_is_null_sender(&addr);
	buf_free(&store);
	if (null || sender[0] == '\0')
		return false;
	/* RFC 3461 4.1: nothing said means failures, and delays as we see fit */
	return a->notify == 0 ? kinds[kind].unasked : (a->notify & kinds[kind].asked) != 0;
}

/* ---- whom it was for ---- */

/* A command or a file that an alias names: nobody's business but the operator's. */
static bool
is_hidden(const struct notice_recipient *r)
{
	const char *text = r->recipient + (r->recipient[0] == '"');

	return r->attrs.alias.n > 0 && (text[0] == '|' || text[0] == '/');
}

/* What its sender wrote: an alias, and not the member. */
static struct span
written(const struct notice_recipient *r)
{
	return r->attrs.alias.n > 0 ? r->attrs.alias : span_of(r->recipient);
}

/* The member is the mailbox of the alias's own name. */
static bool
is_its_own(const struct notice_recipient *r)
{
	struct span alias = r->attrs.alias, member = span_of(r->recipient);

	return span_eq_nocase(span_cut(&alias, '@'), span_cut(&member, '@'));
}

static void
add_recipient(const struct notice_recipient *r, size_t indent, struct buf *out)
{
	struct buf text = {0};

	buf_span(&text, written(r));
	if (is_hidden(r))
		buf_str(&text, ", which stands for a program or a file: none gets letters here");
	else if (r->attrs.alias.n > 0 && !is_its_own(r))
		buf_fmt(&text, ", which stands for %s", r->recipient);
	notice_text_wrapped(out, indent, buf_view(&text));
	out->bad |= text.bad;
	buf_free(&text);
}

/* ---- for the person ---- */

static void
add_what_happened(const struct notice *n, struct buf *out)
{
	size_t i;

	buf_fmt(out, "%s:\n\n", kinds[n->kind].happened);
	for (i = 0; i < n->nrecipients; i++)
		add_recipient(&n->recipients[i], 4, out);
	buf_ch(out, '\n');
}

/* What the class of the fault lets the sender do (RFC 3463 section 3). */
static const char *
advice(const struct notice_recipient *r)
{
	static const struct {
		const char *status, *words;
	} rows[] = {
	    {".1.1", "There is no such mailbox there. Check the name, and send it again."},
	    {".1.2", "There is no such host. Check what stands after the @ or before the !"},
	    {".1.", "The address cannot be used as it is written. Check it, and send it again."},
	    {".2.2", "The mailbox is full. Try again later, or tell its owner another way."},
	    {".3.4", "The letter is too large for them. Send it in smaller pieces."},
	    {".2.3", "The letter is too large for them. Send it in smaller pieces."},
	    {".4.6", "The letter went in a circle. Only the people who run the hosts can help."},
	    {".3.5", "Something is set wrongly there. Only their postmaster can help."},
	    {".4.4", "No way leads there from here. The postmaster here can add one."},
	    {".7.", "They do not take this letter. Only their own people can change that."},
	};
	size_t i;

	if (r->expired)
		return "It was tried for as long as letters are kept here. Send it again if it "
		       "still "
		       "matters.";
	if (r->attrs.alias.n > 0 && strncmp(r->verdict->status, "5.1.", 4) == 0)
		return "You wrote it well: it is whom it stands for that is wrong there. Tell "
		       "their postmaster.";
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (r->verdict->status[0] != '\0' &&
		    strncmp(r->verdict->status + 1, rows[i].status, strlen(rows[i].status)) == 0)
			return rows[i].words;
	return "";
}

static void
add_reason(const struct notice *n, const struct notice_recipient *r, struct buf *out)
{
	const struct verdict *v = r->verdict;
	struct buf said = {0};

	if (n->nrecipients > 1)
		add_recipient(r, 0, out);
	if (v->words[0] != '\0') {
		if (r->remote[0] != '\0')
			buf_fmt(&said, "The host %s said:", r->remote);
		else
			buf_fmt(&said, "%s says:", n->config->hostname);
		notice_text_wrapped(out, 2, buf_view(&said));
		buf_clear(&said);
		if (v->code != 0 && r->remote[0] != '\0')
			buf_fmt(&said, "%d ", v->code);
		buf_str(&said, v->words);
		notice_text_wrapped(out, 4, buf_view(&said));
	}
	if (n->kind == NOTICE_FAILED && advice(r)[0] != '\0')
		notice_text_wrapped(out, 2, span_of(advice(r)));
	out->bad |= said.bad;
	buf_free(&said);
	buf_ch(out, '\n');
}

static void
add_outlook(const struct notice *n, struct buf *out)
{
	char date[CLOCK_TEXT];
	int64_t until_s = n->nrecipients > 0 ? n->recipients[0].until_s : 0;

	buf_str(out, kinds[n->kind].outlook);
	if (n->kind != NOTICE_DELAYED)
		return;
	buf_fmt(out,
	        "You need not send it again. It is kept at %s and will be tried\n"
	        "whenever there is a way",
	        n->config->hostname);
	if (until_s > 0)
		buf_fmt(out, ", until about\n%s", clock_text_mail(until_s, date));
	buf_str(out, ".\n\n");
}

/* Which letter this is about, for one who wrote several. */
static void
add_which(const struct notice *n, const struct header *h, struct buf *out)
{
	const struct header_field *subject = header_find(h, "Subject");
	struct span rest = n->start, line = SPAN("");
	struct buf text = {0};
	char date[CLOCK_TEXT], id[SPOOL_ID_TEXT];

	if (subject != NULL) {
		buf_str(&text, "Its subject: ");
		header_unfold(subject->body, &text);
	} else {
		rest.p += h->body_at < rest.n ? h->body_at : rest.n;
		rest.n -= (size_t)(rest.p - n->start.p);
		while (rest.n > 0 && line.n == 0)
			line = span_trim(span_cut(&rest, '\n'));
		buf_str(&text, "It begins: ");
		buf_span(&text, line);
	}
	if (text.n > 400)
		text.n = 400;
	notice_text_wrapped(out, 0, buf_view(&text));
	buf_fmt(out, "It came to %s on %s\nand is number %s in the books there.\n",
	        n->config->hostname, clock_text_mail(n->accepted_s, date),
	        spool_id_text(n->id, id));
	out->bad |= text.bad;
	buf_free(&text);
}

static void
add_person_part(const struct notice *n, const struct header *h, struct buf *out)
{
	size_t i;

	add_what_happened(n, out);
	for (i = 0; i < n->nrecipients; i++)
		if (kinds[n->kind].class != '2')
			add_reason(n, &n->recipients[i], out);
	add_outlook(n, out);
	add_which(n, h, out);
}

/* ---- for the program: RFC 3464 ---- */

static void
add_field(struct buf *out, const char *name, const char *type, struct span value)
{
	buf_fmt(out, "%s: ", name);
	if (type[0] != '\0')
		buf_fmt(out, "%s; ", type);
	notice_text_ascii(out, value);
	buf_ch(out, '\n');
}

/* "rfc822;user@host", and RFC 3464 2.3.1's room for other kinds of address. */
static void
add_recipient_address(const struct notice *n, const struct notice_recipient *r, struct buf *out)
{
	struct span rest = r->attrs.orcpt, type;
	struct span final = is_hidden(r) ? r->attrs.alias : span_of(r->recipient);
	struct buf whole = {0};

	if (rest.n > 0) {
		type = span_cut(&rest, ';');
		buf_str(out, "Original-Recipient: ");
		notice_text_ascii(out, type);
		buf_str(out, "; ");
		notice_text_ascii(out, span_trim(rest));
		buf_ch(out, '\n');
	}
	buf_span(&whole, final);
	if (memchr(final.p, '!', final.n) == NULL && memchr(final.p, '@', final.n) == NULL)
		buf_fmt(&whole, "@%s", n->config->hostname);
	add_field(out, "Final-Recipient",
	          memchr(final.p, '!', final.n) == NULL ? "rfc822" : "x-uucp", buf_view(&whole));
	out->bad |= whole.bad;
	buf_free(&whole);
}

/* The status, of the class that the action means. */
static void
add_status(struct buf *out, enum notice_kind kind, const struct notice_recipient *r)
{
	const char *rest = strlen(r->verdict->status) > 4 ? r->verdict->status + 1 : ".0.0";

	if (kind == NOTICE_FAILED && r->expired)
		rest = ".4.7";
	buf_fmt(out, "Status: %c%s\n", kinds[kind].class, rest);
}

static void
add_recipient_group(const struct notice *n, const struct notice_recipient *r, struct buf *out)
{
	const struct verdict *v = r->verdict;
	struct buf words = {0};
	char date[CLOCK_TEXT];

	buf_ch(out, '\n');
	add_recipient_address(n, r, out);
	buf_fmt(out, "Action: %s\n", kinds[n->kind].action);
	add_status(out, n->kind, r);
	if (r->remote[0] != '\0')
		add_field(out, "Remote-MTA", "dns", span_of(r->remote));
	if (v->code != 0 && r->remote[0] != '\0') {
		buf_fmt(&words, "%d %s", v->code, v->words);
		add_field(out, "Diagnostic-Code", "smtp", buf_view(&words));
	} else if (v->words[0] != '\0') {
		add_field(out, "Diagnostic-Code", "x-bangway", span_of(v->words));
	}
	if (r->last_s > 0)
		buf_fmt(out, "Last-Attempt-Date: %s\n", clock_text_mail(r->last_s, date));
	if (n->kind == NOTICE_DELAYED && r->until_s > 0)
		buf_fmt(out, "Will-Retry-Until: %s\n", clock_text_mail(r->until_s, date));
	out->bad |= words.bad;
	buf_free(&words);
}

static void
add_program_part(const struct notice *n, struct buf *out)
{
	char date[CLOCK_TEXT];
	size_t i;

	if (n->attrs->envid.n > 0)
		add_field(out, "Original-Envelope-Id", "", n->attrs->envid);
	add_field(out, "Reporting-MTA", "dns", span_of(n->config->hostname));
	if (n->attrs->site.n > 0)
		add_field(out, "Received-From-MTA", "x-uucp", n->attrs->site);
	buf_fmt(out, "Arrival-Date: %s\n", clock_text_mail(n->accepted_s, date));
	for (i = 0; i < n->nrecipients; i++)
		add_recipient_group(n, &n->recipients[i], out);
}

/* ---- the letter itself ---- */

static bool
returns_whole(const struct notice *n)
{
	return n->kind == NOTICE_FAILED && n->whole && !n->of_stranger &&
	       n->attrs->ret == DSN_RET_FULL && n->start.n <= RETURN_WHOLE;
}

static void
add_letter(const struct notice *n, const struct header *h, struct buf *out)
{
	size_t i, end = out->n + (returns_whole(n) ? RETURN_WHOLE : RETURN_HEADER) + 1;

	for (i = 0; i < h->n && out->n + h->v[i].all.n < end; i++)
		buf_span(out, h->v[i].all);
	if (returns_whole(n)) {
		buf_ch(out, '\n');
		buf_add(out, n->start.p + h->body_at, n->start.n - h->body_at);
	}
	if (out->n > 0 && out->p[out->n - 1] != '\n')
		buf_ch(out, '\n');
}

/* ---- all together ---- */

static void
add_subject(const struct notice *n, struct buf *out)
{
	struct buf name = {0};

	if (n->nrecipients > 0)
		notice_text_ascii(&name, written(&n->recipients[0]));
	buf_fmt(out, "Subject: %s: %.60s%s\n", kinds[n->kind].subject, buf_text(&name),
	        name.n > 60          ? "..."
	        : n->nrecipients > 1 ? " and others"
	                             : "");
	out->bad |= name.bad;
	buf_free(&name);
}

/* What this is about, so that a mail reader puts it beside the letter. */
static void
add_reference(const struct header *h, struct buf *out)
{
	const struct header_field *id = header_find(h, "Message-ID");
	struct buf text = {0};

	if (id != NULL)
		header_unfold(id->body, &text);
	if (text.n > 2 && text.n < 900 && text.p[0] == '<' && text.p[text.n - 1] == '>') {
		buf_str(out, "References: ");
		notice_text_ascii(out, buf_view(&text));
		buf_ch(out, '\n');
	}
	buf_free(&text);
}

static void
add_part(struct buf *out, const char *boundary, const char *type, const struct buf *body)
{
	buf_fmt(out, "\n--%s\nContent-Type: %s\n%s\n", boundary, type,
	        notice_text_is_ascii(buf_view(body)) ? "" : "Content-Transfer-Encoding: 8bit\n");
	buf_span(out, buf_view(body));
	out->bad |= body->bad;
}

int
notice_write(const struct notice *n, struct buf *out)
{
	struct buf person = {0}, program = {0}, letter = {0};
	char boundary[48];
	struct header h;

	if (header_parse(n->start, &h) < 0)
		return -1;
	add_person_part(n, &h, &person);
	add_program_part(n, &program);
	add_letter(n, &h, &letter);

	notice_text_header(out, n->config, n->uuid, n->now_s, n->sender_domain, "auto-replied");
	add_subject(n, out);
	add_reference(&h, out);
	notice_text_boundary(n->uuid, boundary, sizeof boundary);
	buf_fmt(out,
	        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
	        "\tboundary=\"%s\"\n",
	        boundary);
	if (!notice_text_is_ascii(buf_view(&person)) || !notice_text_is_ascii(buf_view(&letter)))
		buf_str(out, "Content-Transfer-Encoding: 8bit\n");
	add_part(out, boundary,
	         notice_text_is_ascii(buf_view(&person)) ? "text/plain; charset=us-ascii"
	                                                 : "text/plain; charset=utf-8",
	         &person);
	add_part(out, boundary, "message/delivery-status", &program);
	add_part(out, boundary, returns_whole(n) ? "message/rfc822" : "text/rfc822-headers",
	         &letter);
	buf_fmt(out, "\n--%s--\n", boundary);
	header_free(&h);
	buf_free(&person);
	buf_free(&program);
	buf_free(&letter);
	return out->bad ? -1 : 0;
}
