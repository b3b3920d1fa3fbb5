/*
 * Where does a message end? With nobody to answer, and two kinds of line ends
 * about, that is the question an attacker plays with. The answer here: the
 * line end of the DATA command itself says which kind its text has. After
 * "DATA LF" only LF . LF ends it; after "DATA CR LF" only CR LF . CR LF does.
 * A file with both kinds is read rightly that way (Exim, measured, decides
 * alike), and no octets inside a text can pass for its end by carrying the
 * other kind. What is never ended becomes BSMTP_KEEP, not a message.
 */
#include "bridge/intake/bsmtp_int.h"

static void
end_text(struct bsmtp *b)
{
	if (b->spoilt != NULL)
		bsmtp_keep_transaction(b, b->at, b->spoilt);
	else
		b->handle(b->arg, &(struct bsmtp_event){
		                      .what = BSMTP_WHOLE, .from = b->mail_at, .to = b->at});
	b->state = STATE_IDLE;
}

static void
say_text(struct bsmtp *b, const char *p, size_t n)
{
	if (n > 0 && b->spoilt == NULL)
		b->handle(b->arg, &(struct bsmtp_event){.what = BSMTP_TEXT, .text = {p, n}});
}

/* From inside a line to behind its end: the new place, s.n when it does not end here. */
static size_t
scan_line(struct bsmtp *b, struct span s, size_t i)
{
	const char *lf = memchr(s.p + i, '\n', s.n - i);
	size_t k = lf ? (size_t)(lf - s.p) : s.n;
	bool cr = k > i ? s.p[k - 1] == '\r' : b->scan == SCAN_CR;

	if (lf == NULL) {
		b->scan = cr ? SCAN_CR : SCAN_INSIDE;
		return s.n;
	}
	b->scan = b->crlf && !cr ? SCAN_INSIDE : SCAN_START;
	return k + 1;
}

/* The octet after a dot at a line's start. True: the text ends with it. */
static bool
scan_after_dot(struct bsmtp *b, char c, size_t *i)
{
	if (b->scan == SCAN_DOT && b->crlf && c == '\r') {
		b->scan = SCAN_DOT_CR;
		(*i)++;
	} else if (c == '\n' && (b->scan == SCAN_DOT_CR || !b->crlf)) {
		(*i)++;
		return true;
	} else {
		/* A stuffed dot. A CR that was looked at is the text's own. */
		if (b->scan == SCAN_DOT_CR)
			say_text(b, "\r", 1);
		b->scan = SCAN_INSIDE;
	}
	return false;
}

/* Octets of [from, i) are text that was not said yet; said in runs as long as they go. */
size_t
bsmtp_feed_text(struct bsmtp *b, struct span s)
{
	size_t from = 0, i = 0;

	while (i < s.n) {
		if (b->scan == SCAN_START && s.p[i] == '.') {
			say_text(b, s.p + from, i - from);
			from = ++i;
			b->scan = SCAN_DOT;
		} else if (b->scan == SCAN_DOT || b->scan == SCAN_DOT_CR) {
			if (scan_after_dot(b, s.p[i], &i)) {
				b->at += i;
				end_text(b);
				return i;
			}
			from = i;
		} else {
			i = scan_line(b, s, i);
		}
	}
	say_text(b, s.p + from, s.n - from);
	b->at += s.n;
	return s.n;
}

size_t
bsmtp_feed_chunk(struct bsmtp *b, struct span s)
{
	size_t n = b->chunk_left < s.n ? (size_t)b->chunk_left : s.n;

	say_text(b, s.p, n);
	b->at += n;
	b->chunk_left -= n;
	return n;
}

void
bsmtp_end_chunk(struct bsmtp *b)
{
	if (b->state != STATE_CHUNK || b->chunk_left > 0)
		return;
	if (b->last_chunk)
		end_text(b);
	else
		b->state = STATE_ENVELOPE;
}
