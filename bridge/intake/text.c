#include "bridge/intake/text.h"

int
text_canonical(struct text *t, struct span s, text_piece *each, void *arg)
{
	int rc = 0;

	if (t->cr && s.n > 0) {
		t->cr = false;
		if (s.p[0] != '\n' && (rc = each(arg, SPAN("\r"))) != 0)
			return rc;
	}
	while (s.n > 0 && rc == 0) {
		size_t from = 0, n;
		const char *cr;

		/* Lone CRs belong to the piece; one before LF, or at the end, ends it. */
		while ((cr = memchr(s.p + from, '\r', s.n - from)) != NULL) {
			from = (size_t)(cr - s.p) + 1;
			if (from == s.n || s.p[from] == '\n')
				break;
		}
		n = cr ? (size_t)(cr - s.p) : s.n;
		if (n > 0)
			rc = each(arg, (struct span){s.p, n});
		n += cr != NULL;
		t->cr = cr != NULL && n == s.n;
		s.p += n;
		s.n -= n;
	}
	return rc;
}

int
text_end(struct text *t, text_piece *each, void *arg)
{
	if (!t->cr)
		return 0;
	t->cr = false;
	return each(arg, SPAN("\r"));
}
