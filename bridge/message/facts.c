#include "bridge/message/facts.h"

#include <string.h>

void
facts_begin(struct facts *f)
{
	memset(f, 0, sizeof *f);
	f->utf8 = true;
}

/* One octet above 127 or awaited, by the table of RFC 3629 section 4. */
static void
add_utf8(struct facts *f, unsigned char c)
{
	if (f->utf8_left > 0) {
		if (c < f->utf8_low || c > f->utf8_high)
			f->utf8 = false;
		f->utf8_left--;
	} else if (c >= 0xc2 && c <= 0xdf) {
		f->utf8_left = 1;
	} else if (c >= 0xe0 && c <= 0xef) {
		f->utf8_left = 2;
	} else if (c >= 0xf0 && c <= 0xf4) {
		f->utf8_left = 3;
	} else {
		f->utf8 = false;
	}
	f->utf8_low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	f->utf8_high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
}

/* What can be seen of a stretch without LF. */
static void
add_stretch(struct facts *f, struct span s)
{
	size_t i;

	f->line_octets += s.n;
	if (f->line_octets > FACTS_LINE_MAX)
		f->long_line = true;
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80) {
			f->eightbit = true;
			add_utf8(f, c);
			continue;
		}
		if (f->utf8_left > 0) {
			f->utf8 = false;
			f->utf8_left = 0;
		}
		if (c == '\r')
			f->bare_cr = true;
		else if (c == '\0')
			f->nul = true;
	}
}

void
facts_add(struct facts *f, struct span octets)
{
	const char *lf;
	size_t n;

	while (octets.n > 0) {
		lf = memchr(octets.p, '\n', octets.n);
		n = lf != NULL ? (size_t)(lf - octets.p) : octets.n;
		add_stretch(f, (struct span){octets.p, n});
		if (lf != NULL) {
			f->lines++;
			f->line_octets = 0;
			if (f->utf8_left > 0)
				f->utf8 = false;
			f->utf8_left = 0;
			n++;
		}
		octets.p += n;
		octets.n -= n;
	}
}

void
facts_end(struct facts *f)
{
	f->unended = f->line_octets > 0;
	if (f->utf8_left > 0)
		f->utf8 = false;
	f->known = true;
}
