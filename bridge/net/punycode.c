#include "bridge/net/punycode.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>

/* RFC 3492 section 5 */
enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 128 };

#define LABEL 63

struct label {
	uint32_t point[LABEL];
	unsigned n;
	bool ascii;
};

/* One code point from the front of s: the octets it took, or 0. */
static size_t
utf8_point(struct span s, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *u = (const unsigned char *)s.p;
	size_t n, i;

	n = u[0] < 0x80   ? 1
	    : u[0] < 0xc2 ? 0
	    : u[0] < 0xe0 ? 2
	    : u[0] < 0xf0 ? 3
	    : u[0] < 0xf5 ? 4
	                  : 0;
	if (n == 0 || n > s.n)
		return 0;
	*point = n == 1 ? u[0] : u[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (u[i] & 0x3f);
	}
	if (*point < least[n] || *point > 0x10ffff || (*point >= 0xd800 && *point < 0xe000))
		return 0;
	return n;
}

static int
label_read(struct span text, struct label *l)
{
	size_t n;

	l->n = 0;
	l->ascii = true;
	while (text.n > 0) {
		if (l->n == LABEL || (n = utf8_point(text, &l->point[l->n])) == 0)
			return -1;
		l->ascii &= n == 1;
		l->n++;
		text.p += n;
		text.n -= n;
	}
	return 0;
}

static uint32_t
adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > ((BASE - TMIN) * TMAX) / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

/* A number of variable length, RFC 3492 section 3.3. */
static void
add_number(struct buf *out, uint32_t q, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint32_t k, t;

	for (k = BASE;; k += BASE) {
		t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		if (q < t)
			break;
		buf_ch(out, digits[t + (q - t) % (BASE - t)]);
		q = (q - t) / (BASE - t);
	}
	buf_ch(out, digits[q]);
}

/* The smallest point that is not below `least`. */
static uint32_t
next_point(const struct label *l, uint32_t least)
{
	uint32_t m = UINT32_MAX;
	unsigned i;

	for (i = 0; i < l->n; i++)
		if (l->point[i] >= least && l->point[i] < m)
			m = l->point[i];
	return m;
}

/* RFC 3492 section 6.3; with 63 points of 21 bits delta cannot overflow. */
static void
label_encode(const struct label *l, struct buf *out)
{
	uint32_t at = FIRST, delta = 0, bias = BIAS, m, basic = 0, done, i;

	buf_str(out, "xn--");
	for (i = 0; i < l->n; i++) {
		if (l->point[i] >= FIRST)
			continue;
		buf_ch(out, (char)tolower((int)l->point[i]));
		basic++;
	}
	if (basic > 0)
		buf_ch(out, '-');
	for (done = basic; done < l->n; delta++, at++) {
		m = next_point(l, at);
		delta += (m - at) * (done + 1);
		at = m;
		for (i = 0; i < l->n; i++) {
			delta += l->point[i] < at;
			if (l->point[i] != at)
				continue;
			add_number(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
}

int
punycode_domain(struct span domain, char *out, size_t size)
{
	struct buf b = {.max = size - 1};
	struct span text;
	struct label l;
	bool more = true;
	size_t begin;
	int rc = -1;

	while (more) {
		more = domain.n > 0 && memchr(domain.p, '.', domain.n) != NULL;
		text = span_cut(&domain, '.');
		if (label_read(text, &l) < 0)
			goto out;
		begin = b.n;
		if (l.ascii)
			buf_span(&b, text);
		else
			label_encode(&l, &b);
		if (b.n - begin > LABEL)
			goto out;
		if (more)
			buf_ch(&b, '.');
	}
	if (b.bad)
		goto out;
	snprintf(out, size, "%s", buf_text(&b));
	rc = 0;
out:
	buf_free(&b);
	return rc;
}
