#include "bridge/message/facts.h"
#include "bridge/message/seven.h"
#include "bridge/message/words.h"
#include "bridge/route/rewrite.h"

#include <string.h>

bool
seven_drops(const struct mime *m, struct span name)
{
	if (span_is_nocase(name, "Content-Transfer-Encoding"))
		return m->encoding == MIME_IDENTITY && m->kind != MIME_OPAQUE;
	/* a type that is none, such as the `Content-Type: text` of the 1980s */
	return span_is_nocase(name, "Content-Type") && !m->typed;
}

void
seven_fields(const struct mime *m, const char *charset, bool mime_version, struct buf *out)
{
	if (mime_version)
		buf_str(out, "MIME-Version: 1.0\n");
	if (!m->typed && m->kind == MIME_TEXT)
		buf_fmt(out, "Content-Type: text/plain; charset=%s\n", charset);
	if (m->encoding == MIME_IDENTITY && m->kind == MIME_TEXT)
		buf_str(out, "Content-Transfer-Encoding: quoted-printable\n");
	if (m->encoding == MIME_IDENTITY && m->kind == MIME_OTHER)
		buf_str(out, "Content-Transfer-Encoding: base64\n");
}

/* Appends a line of a field, folded at a blank where it is too long and has one. */
static void
add_line(struct buf *out, struct span line)
{
	size_t at;

	while (line.n > FACTS_LINE_MAX) {
		for (at = FACTS_LINE_MAX; at > 1 && line.p[at] != ' ' && line.p[at] != '\t'; at--)
			;
		if (at <= 1)
			break;
		buf_add(out, line.p, at);
		buf_ch(out, '\n');
		line.p += at;
		line.n -= at;
	}
	buf_span(out, line);
	buf_ch(out, '\n');
}

void
seven_fold(struct span field, struct buf *out)
{
	while (field.n > 0)
		add_line(out, span_cut(&field, '\n'));
}

static bool
is_clean(struct span text, bool eightbit)
{
	size_t i, line = 0;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		line = c == '\n' ? 0 : line + 1;
		if (c == '\0' || c == '\r' || line > FACTS_LINE_MAX || (c > 0x7f && !eightbit))
			return false;
	}
	return true;
}

static void
add_cleaned(struct buf *out, struct span all)
{
	struct buf copy = {0};
	size_t i;

	buf_span(&copy, all);
	for (i = 0; i < copy.n; i++)
		if (copy.p[i] == '\0' || copy.p[i] == '\r')
			copy.p[i] = ' ';
	seven_fold(buf_view(&copy), out);
	out->bad |= copy.bad;
	buf_free(&copy);
}

static enum words_of
words_in(struct span name)
{
	if (rewrite_is_address_field(name))
		return WORDS_ADDRESSES;
	if (span_starts_nocase(name, "Content-") && !span_is_nocase(name, "Content-Description"))
		return WORDS_PARAMETERS;
	return WORDS_TEXT;
}

int
seven_field(struct span all, struct span name, struct span body, bool eightbit, struct buf *out)
{
	struct buf made = {0};
	int rc = 0;

	if (is_clean(all, eightbit)) {
		buf_span(out, all);
		return 0;
	}
	if (eightbit || !words_need_encoding(all)) {
		add_cleaned(out, all);
		return 0;
	}
	buf_fmt(&made, "%.*s:", (int)name.n, name.p);
	if (words_encode(body, words_in(name), &made) < 0) {
		buf_span(&made, body);
		rc = -1;
	}
	buf_ch(&made, '\n');
	out->bad |= made.bad;
	add_cleaned(out, buf_view(&made));
	buf_free(&made);
	return rc;
}
