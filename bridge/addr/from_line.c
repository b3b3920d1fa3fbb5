/*
 * One From_ line.
 *
 *	[>]From USER DATE [remote from SITE | forwarded by USER] (CR LF | LF | CR)
 *
 * What is found in the field: a user that is empty, <>, or a quoted string
 * with blanks; dates of every kind, or none; two blanks after the user
 * (Sendmail) or a tab; a site followed by words, by blanks or by a CR; text
 * within the date that itself says "remote from". So nothing is counted from
 * the left but the user, and of several "remote from" the one after a date
 * that can be read, or after the user, is meant, else the last.
 *
 * The first line of a letter is one whatever it says, as every rmail has it. A
 * later one must show a date, a site or a path, or it is the text of a letter
 * without header ("From here on ..."), which Debian's rmail eats.
 */
#include "bridge/addr/from_line_int.h"
#include "bridge/base/clock.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span
first_word(struct span s)
{
	size_t n = 0;

	while (n < s.n && !is_blank(s.p[n]))
		n++;
	return span_until(s, n);
}

static bool
has_digit(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	return false;
}

static bool
is_date(struct span s)
{
	int64_t when_s;

	return from_date_read(s, &when_s) == 0;
}

/* Where " remote from" begins at or after i, both its sides being blanks; s.n for nowhere. */
static size_t
find_remote(struct span s, size_t i)
{
	static const char words[] = "remote from";
	size_t n = sizeof words - 1;

	for (; i + n < s.n; i++)
		if (is_blank(s.p[i]) && memcmp(s.p + i + 1, words, n) == 0 &&
		    (i + 1 + n == s.n || is_blank(s.p[i + 1 + n])))
			return i;
	return s.n;
}

/* What stands after the user. True when it says "remote from". */
static bool
read_tail(struct span tail, struct from_line *out)
{
	size_t first = find_remote(tail, 0), at = first, next;
	const char *by;

	out->date = span_trim(span_until(tail, first));
	if (first < tail.n && out->date.n > 0 && !is_date(out->date))
		while ((next = find_remote(tail, at + 1)) < tail.n)
			at = next;
	out->date = span_trim(span_until(tail, at));
	if (at < tail.n)
		out->site = first_word(span_trim(span_from(tail, at + sizeof "remote from")));
	by = memmem(tail.p, at, "forwarded by ", 13);
	out->forwarded = by != NULL;
	if (out->forwarded)
		out->date = span_trim(span_until(tail, (size_t)(by - tail.p)));
	return at < tail.n;
}

/* `"john doe"@dom` before a date; of anything else the first word. */
static struct span
take_user(struct span text)
{
	struct span word = first_word(text), tail;
	size_t i;

	if (word.n == 0 || word.p[0] != '"')
		return word;
	for (i = 1; i < text.n && text.p[i] != '"'; i++)
		if (text.p[i] == '\\')
			i++;
	if (i >= text.n)
		return word;
	i += first_word(span_from(text, i)).n;
	tail = span_from(text, i);
	return is_date(span_until(tail, find_remote(tail, 0))) ? span_until(text, i) : word;
}

bool
from_line_read(struct span line, bool first, struct from_line *out)
{
	struct span text, tail;
	bool remote, dated, path;

	*out = (struct from_line){.user = SPAN(""), .date = SPAN(""), .site = SPAN("")};
	if (line.n > 0 && line.p[0] == '>')
		line = span_from(line, 1);
	if (line.n < 5 || memcmp(line.p, "From ", 5) != 0)
		return false;
	text = span_from(line, 4); /* with a blank in front */
	tail = text;
	/* a second blank and then what follows a user: the field is empty, the null path */
	if (!(text.n > 2 && is_blank(text.p[1]) &&
	      (find_remote(text, 1) == 1 || is_date(span_until(text, find_remote(text, 0)))))) {
		text = span_trim(text);
		out->user = take_user(text);
		tail = span_from(text, out->user.n);
	}
	remote = read_tail(tail, out);
	dated = out->date.n == 0 ? remote || out->forwarded : is_date(out->date);
	path = memchr(out->user.p, '!', out->user.n) != NULL;
	if (out->user.n >= 2 && out->user.p[0] == '<' && out->user.p[out->user.n - 1] == '>')
		out->user = span_until(span_from(out->user, 1), out->user.n - 2);
	return first || dated || (out->date.n == 0 && path) ||
	       ((remote || out->forwarded) && has_digit(out->date));
}

static bool
is_one_word(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

int
from_line_write(struct buf *out, struct span user, int64_t when_s, struct span site)
{
	char date[CLOCK_TEXT];

	if (!is_one_word(user) || !is_one_word(site) || buf_room(out, user.n + site.n + 80) < 0)
		return -1;
	buf_str(out, "From ");
	buf_span(out, user.n > 0 && !span_is(user, "<>") ? user : SPAN("MAILER-DAEMON"));
	buf_fmt(out, " %s", clock_text_from(when_s, date));
	if (site.n > 0) {
		buf_str(out, " remote from ");
		buf_span(out, site);
	}
	buf_ch(out, '\n');
	return 0;
}
