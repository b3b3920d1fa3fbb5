/*
 * The addresses of a header field, found by their places.
 *
 * An element of the list is scanned once: names, comments and quoted strings
 * are stepped over, not understood, for they are never changed. What matters
 * is where the address begins and ends and whether blanks divide it. RFC 822
 * allows blanks and comments around the dots and the '@'; those are left out
 * of the text that the grammar reads, but stay in the range that a rewriter
 * replaces. Blanks anywhere else are two addresses (a list as 4.2BSD's mail
 * wrote it) when each has a '!' or an '@', and no address otherwise.
 */
#include "bridge/addr/fields.h"
#include "bridge/addr/addr_int.h"

struct piece {
	size_t start, end; /* without the blanks and comments around it */
	size_t next;       /* where its second word begins */
	size_t word_end;   /* where its first word ends; 0 when it is one word */
	bool cfws;         /* blanks or comments within it */
	bool route;        /* begins with an @: commas belong to it up to its colon */
	bool at;           /* has an @ */
	char stop;         /* what ended it; 0 for the end of the body or of the word */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Octets on either side of which blanks divide nothing. */
static bool
is_glue(char c)
{
	return c != '\0' && strchr(".@:,", c) != NULL;
}

/* The place after what opens at i and closes with `close`; 0 when it does not. */
static size_t
skip_quoted(struct span s, size_t i, char close)
{
	for (i++; i < s.n; i++)
		if (s.p[i] == close)
			return i + 1;
		else if (s.p[i] == '\\')
			i++;
	return 0;
}

static size_t
skip_comment(struct span s, size_t i)
{
	size_t depth = 0;

	for (; i < s.n; i++) {
		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
		else if (s.p[i] == '\\')
			i++;
	}
	return 0;
}

static int
fail(struct fields *w, const char *why)
{
	w->why = why;
	return -1;
}

/* Blanks and comments. 0, or -1. */
static int
skip_cfws(struct fields *w)
{
	struct span s = w->body;

	while (w->at < s.n && (is_blank(s.p[w->at]) || s.p[w->at] == '(')) {
		if (is_blank(s.p[w->at])) {
			w->at++;
			continue;
		}
		w->at = skip_comment(s, w->at);
		if (w->at == 0)
			return fail(w, "a comment that is not closed");
	}
	return 0;
}

/* One quoted string, domain literal or run of other octets; w->at moves behind it. */
static int
take_token(struct fields *w, struct piece *p)
{
	struct span s = w->body;
	size_t i = w->at;

	if (s.p[i] == '"' || s.p[i] == '[') {
		w->at = skip_quoted(s, i, s.p[i] == '"' ? '"' : ']');
		if (w->at == 0)
			return fail(w, s.p[i] == '"' ? "a quote that is not closed"
			                             : "a domain literal without its ]");
		return 0;
	}
	while (i < s.n && !is_blank(s.p[i]) && strchr("()<>,;:\"[", s.p[i]) == NULL) {
		if (s.p[i] == '@')
			p->at = true;
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	}
	w->at = i > w->at ? i : i + 1; /* a comma or colon of a source route */
	return 0;
}

/* Does c end the piece? A colon of a route does not, nor a comma before that colon. */
static bool
ends(struct piece *p, char c)
{
	if (c == '\0' || strchr("<>,;:)", c) == NULL)
		return false;
	if (!p->route || (c != ',' && c != ':'))
		return true;
	if (c == ':')
		p->route = false;
	return false;
}

/* Reads up to what ends an element, or, in a list of words, to the next word. */
static int
scan(struct fields *w, struct piece *p)
{
	struct span s = w->body;

	if (skip_cfws(w) < 0)
		return -1;
	*p = (struct piece){.start = w->at, .end = w->at};
	p->route = w->at < s.n && s.p[w->at] == '@';
	while (w->at < s.n) {
		if (p->end > p->start && w->at > p->end) {
			p->cfws = true;
			if (p->word_end == 0 && !is_glue(s.p[p->end - 1]) && !is_glue(s.p[w->at]) &&
			    !ends(p, s.p[w->at])) {
				p->word_end = p->end;
				p->next = w->at;
				if (w->words)
					return 0;
			}
		}
		if (ends(p, s.p[w->at])) {
			p->stop = s.p[w->at];
			return 0;
		}
		if (take_token(w, p) < 0)
			return -1;
		p->end = w->at;
		if (skip_cfws(w) < 0)
			return -1;
	}
	return 0;
}

/* What take_token() steps over as one, as far as s goes. */
static size_t
skip_token(struct span s, size_t i)
{
	size_t to = i + 1;

	if (s.p[i] == '"' || s.p[i] == '[')
		to = skip_quoted(s, i, s.p[i] == '"' ? '"' : ']');
	else if (s.p[i] == '\\' && i + 1 < s.n)
		to = i + 2;
	return to != 0 ? to : s.n;
}

/* The range without its blanks and comments, for the grammar to read. */
static struct span
squeeze(struct span s, struct buf *store)
{
	size_t i = 0, to;

	while (i < s.n) {
		if (is_blank(s.p[i])) {
			i++;
		} else if (s.p[i] == '(') {
			to = skip_comment(s, i);
			i = to != 0 ? to : s.n;
		} else {
			to = skip_token(s, i);
			buf_add(store, s.p + i, to - i);
			i = to;
		}
	}
	return buf_view(store);
}

static int
give(struct fields *w, size_t start, size_t end, bool cfws, struct buf *store,
     struct field_address *out)
{
	struct span text = {w->body.p + start, end - start};

	out->at = start;
	out->n = end - start;
	buf_clear(store);
	if (text.n > ADDR_TEXT_MAX)
		return fail(w, "too long for an address");
	if (cfws) {
		if (buf_room(store, 3 * text.n + 4) < 0) /* addr_parse_more() must not move it */
			return fail(w, "out of memory");
		text = squeeze(text, store);
	}
	return addr_parse_more(text, w->how, store, &out->addr, &w->why) < 0 ? -1 : 1;
}

/*
 * Is what stands before a < a name, `joe@d.example <joe@d.example>`? Not in
 * `joe@<d.example>`, where the brackets divide an address.
 */
static bool
is_phrase(struct span body, const struct piece *name, const struct piece *angle)
{
	struct span in = {body.p + angle->start, angle->end - angle->start};

	if (!name->at)
		return true;
	return body.p[name->end - 1] != '@' &&
	       (angle->at || memchr(in.p, '!', in.n) != NULL || in.n == 0);
}

/* What stands in <>, the '<' being at w->at, behind that name. */
static int
take_angle(struct fields *w, const struct piece *name, struct buf *store, struct field_address *out)
{
	bool words = w->words;
	struct piece p;

	w->at++;
	w->words = false;
	if (scan(w, &p) < 0)
		return -1;
	w->words = words;
	if (p.stop != '>')
		return fail(w, "a < without its >");
	w->at++;
	if (p.word_end != 0)
		return fail(w, "blanks inside an address");
	if (!is_phrase(w->body, name, &p))
		return fail(w, "an address divided by a <");
	out->angle = true;
	if (give(w, p.start, p.end, p.cfws, store, out) < 0 || skip_cfws(w) < 0)
		return -1;
	if (w->at < w->body.n && strchr(",;", w->body.p[w->at]) == NULL)
		return fail(w, "text after an address in <>");
	return 1;
}

/* An address without <>; the first word of several when each looks like an address. */
static int
take_plain(struct fields *w, const struct piece *p, struct buf *store, struct field_address *out)
{
	struct span word = {w->body.p + p->start, p->end - p->start};
	bool several = p->word_end != 0;

	if (several) {
		word.n = p->word_end - p->start;
		w->at = p->next;
	}
	if ((several || w->words) && memchr(word.p, '!', word.n) == NULL &&
	    memchr(word.p, '@', word.n) == NULL)
		return fail(w, "words that are no address");
	w->words = several;
	return give(w, p->start, p->start + word.n, p->cfws, store, out);
}

void
fields_begin(struct fields *w, struct span body, enum addr_reading how)
{
	*w = (struct fields){.body = body, .how = how, .why = ""};
}

/* Steps over what stands between elements. 1: an element begins, 0: the end, -1. */
static int
skip_between(struct fields *w)
{
	char c;

	for (;;) {
		if (skip_cfws(w) < 0)
			return -1;
		if (w->at == w->body.n)
			return w->group ? fail(w, "a group without its ;") : 0;
		c = w->body.p[w->at];
		if (c == ';' && !w->group)
			return fail(w, "a ; outside a group");
		if (c == ';')
			w->group = false;
		else if (c != ',')
			return 1;
		w->words = false;
		w->at++;
	}
}

int
fields_next(struct fields *w, struct buf *store, struct field_address *out)
{
	struct piece p;
	int more;

	while ((more = skip_between(w)) > 0) {
		out->angle = false;
		if (scan(w, &p) < 0)
			return -1;
		if (p.stop == '<' && w->body.p[p.start] == '@')
			return fail(w, "a source route outside its <>");
		if (p.stop == '<')
			return take_angle(w, &p, store, out);
		if (p.stop == '>' || p.stop == ')')
			return fail(w, "a bracket that was not opened");
		if (p.stop != ':')
			return take_plain(w, &p, store, out);
		if (w->group || p.at || p.end == p.start)
			return fail(w, "a colon inside an address");
		w->group = true;
		w->words = false;
		w->at++;
	}
	return more;
}
