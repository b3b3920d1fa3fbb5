/*
 * Encoded words for a header that came as raw octets. What the charset was
 * nobody says: UTF-8 when it can be nothing else, else "unknown-8bit" (RFC
 * 1428 section 3), which keeps the octets for whoever knows better.
 */
#include "bridge/message/words.h"
#include "bridge/message/facts.h"

#include <string.h>

#define CHUNK 14 /* octets of text in an encoded word: 75 at most, each may become three */

struct walk {
	struct span rest;
	struct buf *out;
	const char *charset;
	enum words_of of;
	bool after_encoded; /* what was put last was an encoded word */
	int comment;        /* depth of parentheses */
	bool angle;         /* within <> */
};

bool
words_need_encoding(struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] > 0x7f)
			return true;
	return false;
}

/* RFC 2047 section 5 (3): what may stand as itself in any encoded word. */
static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.';
}

static void
put_encoded_word(struct walk *w, struct span text)
{
	size_t i;

	buf_fmt(w->out, "=?%s?q?", w->charset);
	for (i = 0; i < text.n; i++) {
		if (text.p[i] == ' ')
			buf_ch(w->out, '_');
		else if (is_plain(text.p[i]))
			buf_ch(w->out, text.p[i]);
		else
			buf_fmt(w->out, "=%02X", (unsigned char)text.p[i]);
	}
	buf_str(w->out, "?=");
}

/* A text as encoded words, none of which splits a character. */
static void
put_encoded(struct walk *w, struct span text)
{
	size_t n;

	if (w->after_encoded) {
		/* the blank between two encoded words is not shown: it goes into the second */
		put_encoded_word(w, SPAN(" "));
		buf_ch(w->out, ' ');
	}
	while (text.n > 0) {
		n = text.n > CHUNK ? CHUNK : text.n;
		while (n < text.n && n > 1 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
			n--;
		put_encoded_word(w, (struct span){text.p, n});
		text.p += n;
		text.n -= n;
		if (text.n > 0)
			buf_str(w->out, "\n ");
	}
	w->after_encoded = true;
}

static void
put_parameter(struct walk *w, struct span text)
{
	w->after_encoded = false;
	buf_ch(w->out, '"');
	put_encoded(w, text);
	buf_ch(w->out, '"');
	w->after_encoded = false;
}

static struct span
take(struct walk *w, size_t n)
{
	struct span t = {w->rest.p, n};

	w->rest.p += n;
	w->rest.n -= n;
	return t;
}

/* The octets up to the next that ends a word here. */
static size_t
word_length(const struct walk *w)
{
	static const char *const ends_of[] = {" \t\r\n", " \t\r\n()<>,;:\"", " \t\r\n()<>,;:\"="};
	const char *ends = ends_of[w->of];
	size_t n = 0;

	while (n < w->rest.n && (w->rest.p[n] == '\0' || strchr(ends, w->rest.p[n]) == NULL))
		n++;
	return n;
}

/* A quoted string, with its quotes; to the end of the text when it is not closed. */
static size_t
quoted_length(struct span s)
{
	size_t n = 1;

	while (n < s.n && s.p[n] != '"')
		n += s.p[n] == '\\' && n + 1 < s.n ? 2 : 1;
	return n < s.n ? n + 1 : s.n;
}

static int
put_quoted(struct walk *w, struct span quoted)
{
	struct buf plain = {0};
	size_t i;

	if (!words_need_encoding(quoted)) {
		buf_span(w->out, quoted);
		w->after_encoded = false;
		return 0;
	}
	if (w->of == WORDS_ADDRESSES && (w->angle || (w->rest.n > 0 && w->rest.p[0] == '@')))
		return -1;
	for (i = 1; i + 1 < quoted.n; i++) {
		if (quoted.p[i] == '\\' && i + 2 < quoted.n)
			i++;
		if (quoted.p[i] != '\n' && quoted.p[i] != '\r')
			buf_ch(&plain, quoted.p[i]);
	}
	w->out->bad |= plain.bad;
	if (w->of == WORDS_PARAMETERS) {
		put_parameter(w, buf_view(&plain));
		buf_free(&plain);
		return 0;
	}
	put_encoded(w, buf_view(&plain));
	if (w->rest.n > 0 && strchr(" \t\n", w->rest.p[0]) == NULL)
		buf_ch(w->out, ' ');
	buf_free(&plain);
	return 0;
}

static int
put_word(struct walk *w, struct span word)
{
	if (!words_need_encoding(word)) {
		buf_span(w->out, word);
		w->after_encoded = false;
		return 0;
	}
	if (w->comment == 0 && w->of == WORDS_PARAMETERS) {
		put_parameter(w, word);
		return 0;
	}
	if (w->comment == 0 && w->of == WORDS_ADDRESSES &&
	    (w->angle || memchr(word.p, '@', word.n) != NULL))
		return -1;
	put_encoded(w, word);
	return 0;
}

static void
put_other(struct walk *w, char c)
{
	if (strchr(" \t\r\n", c) == NULL)
		w->after_encoded = false;
	if (w->of != WORDS_TEXT && c == '(')
		w->comment++;
	else if (w->of != WORDS_TEXT && c == ')' && w->comment > 0)
		w->comment--;
	else if (w->of == WORDS_ADDRESSES && w->comment == 0 && (c == '<' || c == '>'))
		w->angle = c == '<';
	buf_ch(w->out, c);
}

static int
step(struct walk *w)
{
	size_t n;

	if (w->of != WORDS_TEXT && w->comment == 0 && w->rest.p[0] == '"')
		return put_quoted(w, take(w, quoted_length(w->rest)));
	if ((n = word_length(w)) > 0)
		return put_word(w, take(w, n));
	put_other(w, take(w, 1).p[0]);
	return 0;
}

int
words_encode(struct span body, enum words_of of, struct buf *out)
{
	struct walk w = {.rest = body, .out = out, .of = of};
	struct facts f;
	size_t at = out->n;

	facts_begin(&f);
	facts_add(&f, body);
	facts_end(&f);
	w.charset = f.utf8 ? "utf-8" : "unknown-8bit";
	while (w.rest.n > 0) {
		if (step(&w) < 0) {
			out->n = at;
			if (out->p != NULL)
				out->p[at] = '\0';
			return -1;
		}
	}
	return 0;
}
