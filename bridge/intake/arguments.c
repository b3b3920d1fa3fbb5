/*
 * uuxqt splits its command line at blanks and tabs, and at nothing else: a
 * quoted mailbox with a blank in it, "a b"@c, arrives as the two words `"a`
 * and `b"@c` (measured, Taylor 1.07). Neither is an address, both together
 * are, so words are joined by one blank (how many there were is not known)
 * from a quote that is left open to the one that closes it. A quote that is
 * never closed joins nothing: each word stands for itself and is judged so.
 *
 * `(a!b)` is a!b: the parentheses that uux wants around a '!' are taken off by
 * most uuxqts, but not by all.
 */
#include "bridge/intake/arguments.h"

#include "bridge/addr/addr.h"

/* Whether a quoted string is open at the end of s, having been `open` at its start. */
static bool
quote_after(struct span s, bool open)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && open)
			i++;
		else if (s.p[i] == '"')
			open = !open;
	}
	return open;
}

#define JOINED_MAX 64 /* a quote that is open for longer is a quote that is never closed */

/* The words to join, the first included: 1 when the quote is never closed. */
static size_t
arguments_joined(char *const *words)
{
	bool open = false;

	for (size_t n = 0; words[n] != NULL && n < JOINED_MAX; n++) {
		open = quote_after(span_of(words[n]), open);
		if (!open)
			return n + 1;
	}
	return 1;
}

bool
arguments_next(char *const **words, struct buf *store, struct span *out)
{
	size_t n;

	if (**words == NULL)
		return false;
	n = arguments_joined(*words);
	*out = span_of((*words)[0]);
	if (n > 1) {
		buf_clear(store);
		buf_span(store, *out);
		for (size_t i = 1; i < n; i++) {
			buf_ch(store, ' ');
			buf_str(store, (*words)[i]);
		}
		*out = buf_view(store);
	}
	*out = addr_unwrap(*out);
	*words += n;
	return true;
}
