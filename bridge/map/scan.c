/*
 * What is the next token of a map?
 *
 * A line goes on where the next one begins with a blank, whatever stood
 * before: behind a comment, behind nothing. '#' begins a comment where a token
 * could begin. A '-' is part of a name, but minus among costs: two readings,
 * and the grammar says which holds.
 */
#include "bridge/map/map_int.h"

void
map_scan_begin(struct map_scan *s, struct map *m, struct span text, int line)
{
	*s = (struct map_scan){.map = m, .p = text.p, .end = text.p + text.n, .line = line};
	s->text = SPAN("");
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
begins_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.';
}

static bool
is_word(const struct map_scan *s, char c)
{
	return begins_word(c) || c == '_' || (c == '-' && !s->costing);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* To where a token begins, or a line ends. */
static void
skip(struct map_scan *s)
{
	while (s->p < s->end) {
		if (is_blank(*s->p)) {
			s->p++;
		} else if (*s->p == '#') {
			while (s->p < s->end && *s->p != '\n')
				s->p++;
		} else if (*s->p == '\n' && s->end - s->p > 1 &&
		           (s->p[1] == ' ' || s->p[1] == '\t')) {
			s->line++;
			s->p += 2;
		} else {
			break;
		}
	}
}

static void
bad(struct map_scan *s, const char *why)
{
	s->kind = TOKEN_BAD;
	s->why = why;
}

bool
map_name_is_fit(struct span name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f)
			return false;
	return name.n > 0 && name.n <= MAP_NAME_MAX;
}

static void
quoted(struct map_scan *s)
{
	const char *from = ++s->p;

	s->kind = TOKEN_WORD;
	s->quoted = true;
	while (s->p < s->end && *s->p != '"' && *s->p != '\n')
		s->p++;
	s->text = (struct span){from, (size_t)(s->p - from)};
	if (s->p == s->end || *s->p == '\n') {
		bad(s, "a quote is not closed");
		return;
	}
	s->p++;
	if (s->text.n <= MAP_NAME_MAX && !map_name_is_fit(s->text))
		bad(s, s->text.n == 0 ? "a name is empty"
		                      : "a name has something in it that is not visible ASCII");
}

static void
word(struct map_scan *s)
{
	const char *from = s->p;

	s->kind = TOKEN_WORD;
	do
		s->p++;
	while (s->p < s->end && is_word(s, *s->p));
	s->text = (struct span){from, (size_t)(s->p - from)};
}

static void
number(struct map_scan *s)
{
	const char *from = s->p;

	s->kind = TOKEN_NUMBER;
	while (s->p < s->end && is_digit(*s->p))
		s->p++;
	s->text = (struct span){from, (size_t)(s->p - from)};
}

void
map_scan_next(struct map_scan *s)
{
	skip(s);
	s->map->line = s->line; /* of this token, for faults */
	s->quoted = false;
	s->text = (struct span){s->p, s->p < s->end};
	if (s->p == s->end) {
		s->kind = TOKEN_END;
	} else if (*s->p == '\n') {
		s->kind = TOKEN_EOL;
		s->line++;
		s->p++;
	} else if (*s->p == '"') {
		quoted(s);
	} else if (s->costing && is_digit(*s->p)) {
		number(s);
	} else if (begins_word(*s->p)) {
		word(s);
	} else {
		s->kind = memchr("!:@%", *s->p, 4) != NULL ? TOKEN_NET : TOKEN_SIGN;
		s->p++;
	}
	if (s->kind == TOKEN_WORD && s->text.n > MAP_NAME_MAX)
		bad(s, "a name is longer than 255 octets");
}

struct span
map_scan_file(struct map_scan *s)
{
	const char *from;

	skip(s);
	from = s->p;
	while (s->p < s->end && *s->p != '}' && *s->p != '\n' && !is_blank(*s->p))
		s->p++;
	return (struct span){from, (size_t)(s->p - from)};
}

bool
map_scan_is(const struct map_scan *s, char sign)
{
	return s->kind == TOKEN_SIGN && s->text.p[0] == sign;
}

int
map_scan_fault(struct map_scan *s, const char *wanted)
{
	int n = s->text.n < 40 ? (int)s->text.n : 40;

	if (s->kind == TOKEN_BAD)
		map_tell(s->map, "%s", s->why);
	else if (s->kind == TOKEN_END || s->kind == TOKEN_EOL)
		map_tell(s->map, "%s expected, but the line ends", wanted);
	else
		map_tell(s->map, "%s expected, not `%.*s`", wanted, n, s->text.p);
	return -1;
}
