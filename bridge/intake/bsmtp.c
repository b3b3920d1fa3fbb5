/*
 * The dialogue: one row a verb. A line that is no command leads astray: all lines
 * from there to the next one that can only be a command (MAIL FROM:, HELO,
 * QUIT) are kept together, because they are most likely the text of a message
 * whose sender forgot to stuff a dot, and a text may well hold "help" or
 * "data" as a line.
 */
#include "bridge/intake/bsmtp_int.h"

#include "bridge/addr/from_line.h"

#include <ctype.h>

static void
say(struct bsmtp *b, enum bsmtp_what what, struct span text)
{
	b->handle(b->arg, &(struct bsmtp_event){.what = what, .text = text});
}

static void
keep(struct bsmtp *b, uint64_t from, uint64_t to, const char *why)
{
	b->handle(b->arg,
	          &(struct bsmtp_event){.what = BSMTP_KEEP, .from = from, .to = to, .why = why});
}

/* The transaction can become no message: it is kept from its MAIL to `to`. */
void
bsmtp_keep_transaction(struct bsmtp *b, uint64_t to, const char *why)
{
	say(b, BSMTP_DROP, SPAN(""));
	keep(b, b->mail_at, to, why);
	b->state = STATE_IDLE;
}

static void
end_astray(struct bsmtp *b)
{
	if (!b->astray)
		return;
	b->astray = false;
	keep(b, b->astray_at, b->line_at, "lines that are no SMTP commands");
}

static bool
go_astray(struct bsmtp *b)
{
	if (!b->astray)
		b->astray_at = b->line_at;
	b->astray = true;
	return true;
}

/*
 * Only a command that cannot be text is one again. Between MAIL and DATA no text can have begun,
 * so what went astray there was a command that we do not know.
 */
static bool
is_astray(struct bsmtp *b)
{
	if (b->state == STATE_ENVELOPE)
		end_astray(b);
	return b->astray;
}

/* ---- verbs: true when the line is that command ---- */

static bool
no_arguments(struct span rest)
{
	return span_trim(rest).n == 0;
}

static bool
verb_hello(struct bsmtp *b, struct span rest)
{
	rest = span_trim(rest);
	if (memchr(rest.p, ' ', rest.n) != NULL)
		return false;
	end_astray(b);
	if (b->state == STATE_ENVELOPE)
		bsmtp_keep_transaction(b, b->line_at, "a message without its text");
	b->quit = false;
	say(b, BSMTP_HELLO, rest);
	return true;
}

static bool
verb_mail(struct bsmtp *b, struct span rest)
{
	struct bsmtp_event e = {.what = BSMTP_MAIL};

	rest = span_trim(rest);
	if (!span_starts_nocase(rest, "FROM:"))
		return false;
	end_astray(b);
	/* Without a recipient the first MAIL was nothing yet: the nearer one counts. */
	if (b->state == STATE_ENVELOPE && (b->recipients > 0 || b->spoilt != NULL))
		bsmtp_keep_transaction(b, b->line_at, "a message without its text");
	else if (b->state == STATE_ENVELOPE)
		say(b, BSMTP_DROP, SPAN(""));
	b->state = STATE_ENVELOPE;
	b->mail_at = b->line_at;
	b->recipients = 0;
	b->quit = false;
	b->chunked = false;
	b->spoilt = NULL;
	if (b->line_fault != NULL ||
	    bsmtp_split_path((struct span){rest.p + 5, rest.n - 5}, &e.text, &e.params) != NULL)
		b->spoilt = "a sender that cannot be read";
	else
		b->handle(b->arg, &e);
	return true;
}

static bool
verb_rcpt(struct bsmtp *b, struct span rest)
{
	struct bsmtp_event e = {.what = BSMTP_RCPT};

	rest = span_trim(rest);
	if (!span_starts_nocase(rest, "TO:") || b->state != STATE_ENVELOPE || is_astray(b))
		return false;
	b->recipients++;
	e.why = bsmtp_split_path((struct span){rest.p + 3, rest.n - 3}, &e.text, &e.params);
	if (b->line_fault != NULL)
		e.why = b->line_fault;
	if (e.why != NULL)
		e.what = BSMTP_REFUSED;
	if (b->spoilt == NULL)
		b->handle(b->arg, &e);
	return true;
}

/* Text follows, whatever came before: what it belongs to decides its fate at its end. */
static void
begin_text(struct bsmtp *b)
{
	if (b->state != STATE_ENVELOPE) {
		b->mail_at = b->line_at;
		b->recipients = 0;
		b->spoilt = "a text without a sender";
	} else if (b->recipients == 0 && b->spoilt == NULL)
		b->spoilt = "a message without a recipient";
}

static bool
verb_data(struct bsmtp *b, struct span rest)
{
	if (!no_arguments(rest) || is_astray(b))
		return false;
	begin_text(b);
	if (b->chunked && b->spoilt == NULL) /* RFC 3030 section 2: never both in a transaction */
		b->spoilt = "DATA after BDAT";
	b->state = STATE_TEXT;
	b->scan = SCAN_START;
	return true;
}

static bool
verb_bdat(struct bsmtp *b, struct span rest)
{
	uint64_t octets;
	bool last;

	if (!bsmtp_read_chunk(rest, &octets, &last) || is_astray(b))
		return false;
	begin_text(b);
	b->state = STATE_CHUNK;
	b->chunk_left = octets;
	b->last_chunk = last;
	b->chunked = true;
	return true;
}

static bool
verb_rset(struct bsmtp *b, struct span rest)
{
	if (!no_arguments(rest) || is_astray(b))
		return false;
	/* The sender took it back; but what could not be read was never taken back knowingly. */
	if (b->state == STATE_ENVELOPE && b->spoilt != NULL)
		bsmtp_keep_transaction(b, b->line_at, b->spoilt);
	else if (b->state == STATE_ENVELOPE)
		say(b, BSMTP_DROP, SPAN(""));
	b->state = STATE_IDLE;
	return true;
}

static bool
verb_quit(struct bsmtp *b, struct span rest)
{
	if (!no_arguments(rest))
		return false;
	end_astray(b);
	if (b->state == STATE_ENVELOPE)
		bsmtp_keep_transaction(b, b->line_at, "a message without its text");
	b->quit = true;
	return true;
}

/* Means nothing where nobody listens to the answer. */
static bool
verb_nothing(struct bsmtp *b, struct span rest)
{
	(void)rest;
	if (is_astray(b))
		return false;
	b->ignored++;
	return true;
}

static const struct verb {
	const char *name;
	bool (*take)(struct bsmtp *b, struct span rest);
} verbs[] = {
    {"MAIL", verb_mail},        {"RCPT", verb_rcpt},    {"DATA", verb_data},
    {"BDAT", verb_bdat},        {"HELO", verb_hello},   {"EHLO", verb_hello},
    {"RSET", verb_rset},        {"QUIT", verb_quit},    {"NOOP", verb_nothing},
    {"HELP", verb_nothing},     {"VRFY", verb_nothing}, {"EXPN", verb_nothing},
    {"VERB", verb_nothing},     {"TICK", verb_nothing}, {"VERBOSE", verb_nothing},
    {"ONEX", verb_nothing},     {"TURN", verb_nothing}, {"ETRN", verb_nothing},
    {"STARTTLS", verb_nothing}, {"AUTH", verb_nothing}, {NULL, NULL},
};

/* ---- lines ---- */

/* A From_ line, a "#" line (RFC 976 2.3) or a server's reply that got into the file. */
static bool
line_is_harmless(const struct bsmtp *b, struct span line)
{
	struct from_chain chain = {0};
	struct buf path = {0};
	bool from;

	if (b->astray || b->state != STATE_IDLE)
		return false;
	if (line.p[0] == '#')
		return true;
	if (line.n >= 3 && isdigit((unsigned char)line.p[0]) && isdigit((unsigned char)line.p[1]) &&
	    isdigit((unsigned char)line.p[2]) &&
	    (line.n == 3 || line.p[3] == ' ' || line.p[3] == '-'))
		return true;
	from =
	    from_chain_read(line, true, ADDR_DOMAIN_FIRST, &path, &chain) == 0 && chain.lines > 0;
	buf_free(&path);
	return from;
}

static bool
has_controls(struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if (((unsigned char)line.p[i] < ' ' && line.p[i] != '\t') || line.p[i] == 0x7f)
			return true;
	return false;
}

/* Padding that file transfers add: NULs (whole blocks), a CP/M ^Z, a byte order mark. */
static struct span
without_padding(const struct bsmtp *b, struct span line)
{
	if (b->line_at == 0 && span_starts_nocase(line, "\xef\xbb\xbf"))
		line = (struct span){line.p + 3, line.n - 3};
	while (line.n > 0 && (line.p[0] == '\0' || line.p[0] == 0x1a)) {
		line.p++;
		line.n--;
	}
	return line;
}

/* Too long, or with octets that no command has. A MAIL still starts a transaction, to be kept. */
static void
take_faulty_line(struct bsmtp *b, struct span line)
{
	if (span_starts_nocase(line, "MAIL FROM:"))
		verb_mail(b, SPAN("FROM:"));
	else if (span_starts_nocase(line, "RCPT TO:") && b->state == STATE_ENVELOPE)
		verb_rcpt(b, (struct span){line.p + 5, line.n < 200 ? line.n - 5 : 195});
	else
		go_astray(b);
}

static void
take_line(struct bsmtp *b, struct span line)
{
	const struct verb *v;
	struct span word, rest;

	b->crlf = line.n > 0 && line.p[line.n - 1] == '\r';
	line.n -= b->crlf;
	line = without_padding(b, line);
	if (has_controls(line))
		b->line_fault = "octets that no command may hold";
	if (b->line_fault != NULL) {
		take_faulty_line(b, line);
		b->line_fault = NULL;
		return;
	}
	line = span_trim(line);
	if (line.n == 0)
		return;
	rest = line;
	word = span_cut(&rest, ' ');
	for (v = verbs; v->name != NULL && !span_is_nocase(word, v->name); v++)
		;
	if ((v->name == NULL || !v->take(b, rest)) && !line_is_harmless(b, line))
		go_astray(b);
}

/* Commands end with LF alone; the octets used are returned. */
static size_t
feed_command(struct bsmtp *b, struct span s)
{
	const char *lf = memchr(s.p, '\n', s.n);
	size_t n = lf ? (size_t)(lf - s.p) : s.n;
	size_t room = BSMTP_LINE_MAX - b->line.n;

	if (b->line.n == 0)
		b->line_at = b->at;
	if (lf != NULL && b->line.n == 0 && n <= BSMTP_LINE_MAX) {
		b->at += n + 1;
		take_line(b, (struct span){s.p, n});
		return n + 1;
	}
	if (n > room)
		b->line_fault = "a line that is too long";
	buf_add(&b->line, s.p, n > room ? room : n);
	b->at += n + (lf != NULL);
	if (lf != NULL) {
		take_line(b, buf_view(&b->line));
		buf_clear(&b->line);
	}
	return n + (lf != NULL);
}

/* ---- the stream ---- */

void
bsmtp_begin(struct bsmtp *b, bsmtp_handler *handle, void *arg)
{
	*b = (struct bsmtp){.handle = handle, .arg = arg};
}

void
bsmtp_free(struct bsmtp *b)
{
	buf_free(&b->line);
}

void
bsmtp_feed(struct bsmtp *b, struct span s)
{
	while (s.n > 0) {
		size_t n;

		if (b->state == STATE_TEXT)
			n = bsmtp_feed_text(b, s);
		else if (b->state == STATE_CHUNK)
			n = bsmtp_feed_chunk(b, s);
		else
			n = feed_command(b, s);
		s.p += n;
		s.n -= n;
		bsmtp_end_chunk(b);
	}
}

void
bsmtp_end(struct bsmtp *b)
{
	/* QUIT may lack its line end; of any other command it would be a guess that it is whole. */
	if (b->line.n > 0) {
		if (span_is_nocase(span_trim(without_padding(b, buf_view(&b->line))), "QUIT"))
			verb_quit(b, SPAN(""));
		else if (span_trim(without_padding(b, buf_view(&b->line))).n > 0)
			b->cut = go_astray(b);
	}
	b->line_at = b->at;
	end_astray(b);
	if (b->state == STATE_IDLE)
		return;
	b->cut = true;
	bsmtp_keep_transaction(b, b->at,
	                       b->state == STATE_ENVELOPE
	                           ? "the batch ends before the text of a message"
	                           : "the batch ends inside a message");
}
