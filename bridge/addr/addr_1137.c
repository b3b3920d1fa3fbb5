/*
 * RFC 1137: a quoted mailbox as an atom, and back. A blank is '_'; what the
 * encoding needs for itself and what X.400 uses have a letter each; every
 * other octet that has a meaning to some mailer is its number.
 */
#include "bridge/addr/addr_int.h"

static const struct {
	char plain, code;
} coded[] = {
    {'_', 'u'},  {'(', 'l'}, {')', 'r'}, {',', 'm'}, {':', 'c'},
    {'\\', 'b'}, {'#', 'h'}, {'=', 'e'}, {'/', 's'},
};

static char
code_of(char plain)
{
	size_t i;

	for (i = 0; i < sizeof coded / sizeof coded[0]; i++)
		if (coded[i].plain == plain)
			return coded[i].code;
	return '\0';
}

static char
plain_of(char code)
{
	size_t i;

	for (i = 0; i < sizeof coded / sizeof coded[0]; i++)
		if (coded[i].code == code)
			return coded[i].plain;
	return '\0';
}

/* As it is in every mailer: no '%' and '!', which are routes, no shell's letters. */
static bool
stays(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '+';
}

static void
encode_octet(char c, struct buf *out)
{
	if (stays(c))
		buf_ch(out, c);
	else if (c == ' ')
		buf_ch(out, '_');
	else if (code_of(c) != '\0')
		buf_fmt(out, "#%c#", code_of(c));
	else
		buf_fmt(out, "#%03d#", c);
}

int
addr_encode_1137(struct span user, struct buf *out)
{
	size_t i;

	if (user.n == 0)
		return -1;
	for (i = 0; i < user.n; i++)
		if ((unsigned char)user.p[i] > 127)
			return -1;
	for (i = 0; i < user.n; i++)
		encode_octet(user.p[i], out);
	return out->bad ? -1 : 0;
}

/* The octet that s begins with, in *c; how many octets say it, 0 when none does. */
static size_t
decode_octet(struct span s, char *c)
{
	size_t i;
	int v = 0;

	*c = s.p[0] == '_' ? ' ' : s.p[0];
	if (s.p[0] == '_' || stays(s.p[0]))
		return 1;
	if (s.n >= 3 && s.p[0] == '#' && s.p[2] == '#' && plain_of(s.p[1]) != '\0') {
		*c = plain_of(s.p[1]);
		return 3;
	}
	if (s.n < 5 || s.p[0] != '#' || s.p[4] != '#')
		return 0;
	for (i = 1; i < 4; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		v = 10 * v + (s.p[i] - '0');
	}
	*c = (char)v;
	/* one octet has one code, so that decoding can be undone */
	return v > 127 || stays(*c) || *c == ' ' || code_of(*c) != '\0' ? 0 : 5;
}

int
addr_decode_1137(struct span atom, struct buf *out)
{
	size_t i, took;
	char c;

	for (i = 0; i < atom.n; i += took)
		if ((took = decode_octet(span_from(atom, i), &c)) == 0)
			return -1;
	for (i = 0; i < atom.n; i += took) {
		took = decode_octet(span_from(atom, i), &c);
		buf_ch(out, c);
	}
	return atom.n == 0 || out->bad ? -1 : 0;
}
