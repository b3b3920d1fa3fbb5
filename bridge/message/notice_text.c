#include "bridge/message/notice_text.h"
#include "bridge/base/clock.h"

#include <stdio.h>
#include <string.h>

#define ASCII_MAX 900

static void
add_uuid(struct buf *out, const uint8_t uuid[16])
{
	int i;

	for (i = 0; i < 16; i++)
		buf_fmt(out, "%02x", uuid[i]);
}

/* As many octets as fit and end at a character. */
static size_t
fitting(struct span word, size_t room)
{
	size_t n = word.n < room ? word.n : room;

	while (n < word.n && n > 1 && ((unsigned char)word.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
add_word(struct buf *out, size_t indent, size_t *column, struct span word)
{
	size_t n;

	while (word.n > 0) {
		if (*column > indent && *column + 1 + word.n > NOTICE_COLUMNS) {
			buf_ch(out, '\n');
			*column = 0;
		}
		if (*column == 0) {
			buf_fmt(out, "%*s", (int)indent, "");
			*column = indent;
		} else {
			buf_ch(out, ' ');
			++*column;
		}
		n = fitting(word, NOTICE_COLUMNS - *column);
		buf_add(out, word.p, n);
		*column += n;
		word.p += n;
		word.n -= n;
	}
}

void
notice_text_wrapped(struct buf *out, size_t indent, struct span text)
{
	struct buf word = {0};
	size_t n, column = 0;

	while (text.n > 0) {
		for (n = 0;
		     n < text.n && (text.p[n] == '\0' || strchr(" \t\r\n", text.p[n]) == NULL);)
			n++;
		buf_clear(&word);
		buf_escape(&word, (struct span){text.p, n});
		out->bad |= word.bad;
		add_word(out, indent, &column, buf_view(&word));
		n += n < text.n;
		text.p += n;
		text.n -= n;
	}
	buf_ch(out, '\n');
	buf_free(&word);
}

void
notice_text_ascii(struct buf *out, struct span text)
{
	size_t i, end = out->n + ASCII_MAX;

	for (i = 0; i < text.n && out->n < end; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\n' || c == '\r' || c == '\t')
			buf_ch(out, ' ');
		else if (c < 0x20 || c > 0x7e)
			buf_fmt(out, "\\x%02x", c);
		else
			buf_ch(out, (char)c);
	}
}

bool
notice_text_is_ascii(struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] > 0x7f)
			return false;
	return true;
}

void
notice_text_header(struct buf *out, const struct config *c, const uint8_t uuid[16], int64_t now_s,
                   const char *to, const char *submitted)
{
	char date[CLOCK_TEXT];

	buf_fmt(out, "From: Mail at %s <MAILER-DAEMON@%s>\nTo: %s\nDate: %s\nMessage-ID: <",
	        c->hostname, c->domains.n > 0 ? c->domains.v[0] : c->hostname, to,
	        clock_text_mail(now_s, date));
	add_uuid(out, uuid);
	buf_fmt(out, "@%s>\nAuto-Submitted: %s\n", c->hostname, submitted);
}

void
notice_text_boundary(const uint8_t uuid[16], char *out, size_t size)
{
	struct buf text = {0};

	add_uuid(&text, uuid);
	snprintf(out, size, "notice-%s", buf_text(&text));
	buf_free(&text);
}
