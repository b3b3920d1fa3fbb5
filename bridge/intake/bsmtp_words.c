/* The words behind a verb: paths, parameters, lengths. */
#include "bridge/intake/bsmtp_int.h"

/* The end of "<...>" that starts at 0: a '>' within quotes does not count. 0: none. */
static size_t
angle_end(struct span s)
{
	bool quoted = false;

	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '>' && !quoted)
			return i;
	}
	return 0;
}

const char *
bsmtp_split_path(struct span s, struct span *path, struct span *params)
{
	size_t n;

	s = span_trim(s);
	*path = s;
	*params = SPAN("");
	if (s.n == 0)
		return "no path";
	if (s.p[0] == '<') {
		n = angle_end(s);
		if (n == 0)
			return "a path without its closing >";
		*path = (struct span){s.p + 1, n - 1};
		n++;
		if (n < s.n && s.p[n] != ' ' && s.p[n] != '\t') {
			*path = s; /* not what is before it: that could be read, and sent to */
			return "something glued to the path";
		}
	} else {
		for (n = 0; n < s.n && s.p[n] != ' ' && s.p[n] != '\t'; n++)
			;
		path->n = n;
	}
	*params = span_trim((struct span){s.p + n, s.n - n});
	return NULL;
}

bool
bsmtp_param_next(struct span *rest, struct span *key, struct span *value)
{
	*rest = span_trim(*rest);
	if (rest->n == 0)
		return false;
	*value = span_cut(rest, ' ');
	*key = span_cut(value, '=');
	return true;
}

bool
bsmtp_read_chunk(struct span rest, uint64_t *octets, bool *last)
{
	struct span number;

	rest = span_trim(rest);
	number = span_cut(&rest, ' ');
	rest = span_trim(rest);
	*last = span_is_nocase(rest, "LAST");
	*octets = 0;
	if (number.n == 0 || number.n > 18 || (rest.n > 0 && !*last))
		return false;
	for (size_t i = 0; i < number.n; i++) {
		if (number.p[i] < '0' || number.p[i] > '9')
			return false;
		*octets = *octets * 10 + (uint64_t)(number.p[i] - '0');
	}
	return true;
}
