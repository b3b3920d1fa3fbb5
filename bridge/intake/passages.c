#include "bridge/intake/passages.h"

#include <ctype.h>

/* The next word of a field, which may be folded. "" none is left. */
static struct span
next_word(struct span *rest)
{
	size_t n = 0;

	*rest = span_trim(*rest);
	while (n < rest->n && !isspace((unsigned char)rest->p[n]))
		n++;
	*rest = (struct span){rest->p + n, rest->n - n};
	return (struct span){rest->p - n, n};
}

static bool
is_ours(struct span body, const char *hostname)
{
	struct span last = SPAN(""), before = SPAN(""), word;

	while ((word = next_word(&body)).n > 0) {
		if (span_starts_nocase(word, "(bangway)") && span_is_nocase(last, hostname) &&
		    span_is_nocase(before, "by"))
			return true;
		before = last;
		last = word;
	}
	return false;
}

unsigned
passages_of_header(const struct header *h, const char *hostname)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < h->n; i++)
		n += span_is_nocase(h->v[i].name, "Received") && is_ours(h->v[i].body, hostname);
	return n;
}

unsigned
passages_of_path(const struct route_table *t, struct span path)
{
	struct span hop;
	bool ours, last = false;
	unsigned n = 0;

	while (addr_hop_next(&path, &hop)) {
		/* "localhost" is anybody, and a neighbour may be called so */
		ours = route_is_ours(t, hop) && !span_is_nocase(addr_hop_name(hop), "localhost");
		n += ours && !last;
		last = ours;
	}
	return n;
}
