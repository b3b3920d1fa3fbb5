#include "bridge/smtp/reply.h"

#include <stdio.h>
#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "D.DDD.DDD" at the front of s (RFC 3463): its octets, or 0. */
static size_t
status_length(struct span s)
{
	size_t i = 0, part, digits;

	for (part = 0; part < 3; part++) {
		if (part > 0 && (i >= s.n || s.p[i++] != '.'))
			return 0;
		for (digits = 0; i < s.n && is_digit(s.p[i]); i++)
			digits++;
		if (digits == 0 || digits > (part == 0 ? 1 : 3))
			return 0;
	}
	return i == s.n || s.p[i] == ' ' || s.p[i] == '\t' ? i : 0;
}

/* A status of another class than the code's is a mistake of the server's: the code counts. */
static void
reply_status(struct reply *r, struct span text)
{
	size_t n = status_length(text);

	r->status[0] = '\0';
	if (n == 0 || text.p[0] - '0' != r->code / 100)
		return;
	memcpy(r->status, text.p, n);
	r->status[n] = '\0';
}

/* The code at the front of a line, or 0. A 1yz does not exist in SMTP. */
static int
line_code(struct span line)
{
	if (line.n < 3 || line.p[0] < '2' || line.p[0] > '5' || !is_digit(line.p[1]) ||
	    !is_digit(line.p[2]))
		return 0;
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return 0;
	return (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');
}

/* The line at the front of rest without its end; a CR before the LF is not asked for. */
static bool
line_take(struct span *rest, struct span *line)
{
	const char *lf = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
	size_t whole;

	if (lf == NULL)
		return false;
	whole = (size_t)(lf - rest->p) + 1;
	*line = (struct span){rest->p, whole - 1};
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	rest->p += whole;
	rest->n -= whole;
	return true;
}

static struct span
line_text(struct span line)
{
	return line.n > 4 ? (struct span){line.p + 4, line.n - 4} : SPAN("");
}

/* Why what has come so far can be no reply, or NULL. */
static const char *
bound_passed(struct span rest, size_t used, unsigned lines)
{
	if (lines >= REPLY_LINES)
		return "a reply of too many lines";
	if (used + rest.n > REPLY_BYTES)
		return "a reply too long";
	if (rest.n > REPLY_LINE_BYTES)
		return "a reply line too long";
	return NULL;
}

long
reply_parse(struct span in, struct reply *r, const char **why)
{
	struct span rest = in, line;
	int code;

	memset(r, 0, sizeof *r);
	while (line_take(&rest, &line)) {
		code = line_code(line);
		*why = NULL;
		if (line.n > REPLY_LINE_BYTES)
			*why = "a reply line too long";
		else if (code == 0)
			*why = "a reply that is not SMTP";
		else if (r->lines > 0 && code != r->code)
			*why = "a reply with two codes";
		else if (in.n - rest.n > REPLY_BYTES)
			*why = "a reply too long";
		if (*why != NULL)
			return REPLY_BAD;
		r->code = code;
		if (r->lines++ == 0)
			reply_status(r, line_text(line));
		if (line.n == 3 || line.p[3] == ' ') {
			r->raw = (struct span){in.p, in.n - rest.n};
			return (long)r->raw.n;
		}
		if (r->lines >= REPLY_LINES)
			break;
	}
	*why = bound_passed(rest, in.n - rest.n, r->lines);
	return *why != NULL ? REPLY_BAD : REPLY_MORE;
}

bool
reply_line(const struct reply *r, size_t *at, struct span *text)
{
	struct span rest = {r->raw.p + *at, r->raw.n - *at}, line;

	if (!line_take(&rest, &line))
		return false;
	*at = r->raw.n - rest.n;
	*text = line_text(line);
	return true;
}

void
reply_words(const struct reply *r, char *words, size_t size)
{
	size_t at = 0, n, room;
	struct span text;
	bool first = true;

	n = (size_t)snprintf(words, size, "%d", r->code);
	while (n + 2 < size && reply_line(r, &at, &text)) {
		text = span_trim(text);
		if (!first && r->status[0] != '\0' && span_starts_nocase(text, r->status)) {
			text.p += strlen(r->status); /* said again on every line */
			text.n -= strlen(r->status);
			text = span_trim(text);
		}
		first = false;
		if (text.n == 0)
			continue;
		words[n++] = ' ';
		room = size - n - 1;
		if (text.n > room)
			text.n = room;
		memcpy(words + n, text.p, text.n);
		n += text.n;
	}
	words[n] = '\0';
	for (at = 0; at < n; at++)
		if (words[at] == '\0')
			words[at] = '?';
}
