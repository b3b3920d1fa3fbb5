/*
 * Addresses at random, by the grammar and then spoilt: what is made mostly can
 * be read, with names that the gateway of gateway.h knows and such that it does
 * not, and is changed in a few octets one time in four. Repeated by its seed.
 */
#ifndef TEST_RANDOM_ADDRESS_H
#define TEST_RANDOM_ADDRESS_H

#include "bridge/base/buf.h"
#include "tests/unit/dice.h"

static inline void
random_letters(struct dice *d, const char *letters, unsigned most, struct buf *out)
{
	unsigned n = 1 + roll(d, most);

	while (n-- > 0)
		buf_ch(out, letters[roll(d, (unsigned)strlen(letters))]);
}

static inline void
random_host(struct dice *d, struct buf *out)
{
	static const char *const known[] = {
	    "gw",
	    "GW",
	    "modern",
	    "gw.example.com",
	    "example.com",
	    "localhost",
	    "vax43",
	    "alpha",
	    "bravo",
	    "guest",
	    "brv",
	    "far",
	    "vax43.example.com",
	    "bravo.example.net",
	    "cwi.example",
	    "a.army.mil",
	    "b.mil",
	    "sub.gw.example.com",
	    "[192.0.2.1]",
	    "[IPv6:2001:db8::1]",
	    "\xc3\xa9.example",
	};
	unsigned labels = roll(d, 3);

	if (roll(d, 3) > 0) {
		buf_str(out, ROLL_ONE_OF(d, known));
	} else {
		random_letters(d, "abcXYZ019_", 8, out);
		for (; labels > 0; labels--) {
			buf_ch(out, '.');
			random_letters(d, "abc019", 4, out);
		}
	}
	if (roll(d, 12) == 0)
		buf_str(out, ".UUCP");
	if (roll(d, 16) == 0)
		buf_ch(out, '.');
}

static inline void
random_user(struct dice *d, struct buf *out)
{
	static const char *const known[] = {
	    "piet",
	    "postmaster",
	    "MAILER-DAEMON",
	    "Joe.Soap",
	    "uucp",
	    "/C=NL/S=Beertema/",
	    "piet+k3v7x2mq4dwe",
	    "piet=k3v7xab",
	    "SRS0=k3v7x=ab=cwi.example=piet",
	    "-x",
	    "|sh",
	    "Joe_Soap#m#",
	    "\"Joe Soap\"",
	    "\"a!b\"",
	    "\"a@b\"",
	    "\"\"",
	    "\"\\\"\"",
	    "<>",
	};
	static const char any[] = "ab09 !@%\\<>()[],;:.-/'";
	unsigned kind = roll(d, 6);

	if (kind < 3) {
		buf_str(out, ROLL_ONE_OF(d, known));
	} else if (kind < 5) {
		random_letters(d, "abcXYZ019+=_-/|#$&'*?^`{}~", kind == 3 ? 12 : 80, out);
	} else {
		buf_ch(out, '"');
		random_letters(d, any, 12, out);
		buf_ch(out, '"');
	}
	for (; roll(d, 8) == 0;) {
		buf_ch(out, '%');
		random_host(d, out);
	}
}

/* A few octets put in, taken out, doubled. */
static inline void
random_damage(struct dice *d, struct buf *text)
{
	static const char nasty[] = "!!@@%.\"\\<>:,;()[] -/\t\r\n\x01\x7f\xc3\xa9\xff";
	unsigned n = 1 + roll(d, 3);
	struct buf spoilt = {0};
	size_t at;

	for (; n > 0 && text->n > 0; n--) {
		at = roll(d, (unsigned)text->n);
		buf_clear(&spoilt);
		buf_add(&spoilt, text->p, at);
		if (roll(d, 3) > 0)
			buf_ch(&spoilt, nasty[roll(d, sizeof nasty - 1)]);
		if (roll(d, 3) > 0)
			buf_ch(&spoilt, text->p[at]);
		buf_add(&spoilt, text->p + at + 1, text->n - at - 1);
		if (roll(d, 6) == 0)
			buf_add(&spoilt, text->p, at);
		buf_clear(text);
		buf_span(text, buf_view(&spoilt));
	}
	buf_free(&spoilt);
}

static inline void
random_address(struct dice *d, struct buf *out)
{
	unsigned hops = roll(d, 5), routes = roll(d, 12) == 0 ? 1 + roll(d, 2) : 0, i;
	bool angle = roll(d, 16) == 0;

	buf_clear(out);
	if (angle)
		buf_ch(out, '<');
	for (i = 0; i < routes; i++) {
		buf_str(out, i > 0 ? ",@" : "@");
		random_host(d, out);
	}
	if (routes > 0)
		buf_ch(out, ':');
	if (roll(d, 40) == 0)
		hops = 100;
	for (; hops > 0; hops--) {
		random_host(d, out);
		buf_ch(out, '!');
	}
	random_user(d, out);
	if (roll(d, 2) == 0) {
		buf_ch(out, '@');
		random_host(d, out);
	}
	if (angle)
		buf_ch(out, '>');
	if (roll(d, 4) == 0)
		random_damage(d, out);
}

#endif
