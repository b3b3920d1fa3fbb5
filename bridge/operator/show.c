#include "bridge/operator/show.h"

#include <inttypes.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LABEL_COLUMNS 12
#define COLUMNS_LEAST 80
#define COLUMNS_MOST  400

static bool
continues_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t
show_columns(struct span shown)
{
	size_t i, columns = 0;

	for (i = 0; i < shown.n; i++)
		columns += !continues_character(shown.p[i]);
	return columns;
}

/* The octets that the first `columns` columns of shown text take. */
static size_t
octets_of_columns(struct span shown, size_t columns)
{
	size_t i;

	for (i = 0; i < shown.n; i++) {
		if (continues_character(shown.p[i]))
			continue;
		if (columns-- == 0)
			break;
	}
	return i;
}

static void
fill(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_ch(out, ' ');
}

/* Cuts or fills; a width of filled columns only when `filled`. */
static void
fit(struct buf *out, struct span shown, size_t width, enum show_side side, bool filled)
{
	size_t columns = show_columns(shown);

	if (width == 0)
		return;
	if (columns > width) {
		buf_span(out, (struct span){shown.p, octets_of_columns(shown, width - 1)});
		buf_ch(out, '~');
		return;
	}
	if (filled && side == SHOW_RIGHT)
		fill(out, width - columns);
	buf_span(out, shown);
	if (filled && side == SHOW_LEFT)
		fill(out, width - columns);
}

static void
cell(struct buf *out, struct span text, size_t width, enum show_side side, bool filled)
{
	struct buf shown = {0};

	/* a hostile megabyte is escaped no further than it can be seen */
	if (text.n > 4 * width + 4)
		text.n = 4 * width + 4;
	buf_escape(&shown, text);
	fit(out, buf_view(&shown), width, side, filled);
	buf_free(&shown);
}

void
show_fit(struct buf *out, struct span shown, size_t width, enum show_side side)
{
	fit(out, shown, width, side, true);
}

void
show_cell(struct buf *out, struct span text, size_t width, enum show_side side)
{
	cell(out, text, width, side, true);
}

void
show_last(struct buf *out, struct span text, size_t width)
{
	cell(out, text, width, SHOW_LEFT, false);
}

const char *
show_age(int64_t seconds, char out[SHOW_TEXT])
{
	int64_t s = seconds < 0 ? 0 : seconds;
	int64_t m = s / 60, h = m / 60, d = h / 24;

	if (s < 60)
		snprintf(out, SHOW_TEXT, "%" PRId64 "s", s);
	else if (m < 60)
		snprintf(out, SHOW_TEXT, "%" PRId64 "m", m);
	else if (h < 24)
		snprintf(out, SHOW_TEXT, "%" PRId64 "h%02" PRId64 "m", h, m % 60);
	else if (d < 100)
		snprintf(out, SHOW_TEXT, "%" PRId64 "d%" PRId64 "h", d, h % 24);
	else
		snprintf(out, SHOW_TEXT, "%" PRId64 "d", d);
	return out;
}

const char *
show_when(int64_t at_s, int64_t now_s, char out[SHOW_TEXT])
{
	char age[SHOW_TEXT];

	if (at_s > now_s)
		snprintf(out, SHOW_TEXT, "in %.20s", show_age(at_s - now_s, age));
	else if (at_s == now_s)
		snprintf(out, SHOW_TEXT, "just now");
	else
		snprintf(out, SHOW_TEXT, "%.20s ago", show_age(now_s - at_s, age));
	return out;
}

const char *
show_count(uint64_t n, const char *one, const char *many, char out[2 * SHOW_TEXT])
{
	char digits[SHOW_TEXT], apart[SHOW_TEXT];
	size_t i, at = 0, len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n);

	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			apart[at++] = ',';
		apart[at++] = digits[i];
	}
	apart[at] = '\0';
	snprintf(out, 2 * SHOW_TEXT, one[0] != '\0' ? "%s %s" : "%s", apart, n == 1 ? one : many);
	return out;
}

void
show_fold(struct buf *out, struct span shown, size_t indent, size_t *column, size_t width)
{
	struct span word;
	size_t columns;
	bool first = true;

	for (; shown.n > 0; first = false) {
		word = span_cut(&shown, ' ');
		columns = show_columns(word);
		if (!first && *column + 1 + columns > width) {
			buf_ch(out, '\n');
			fill(out, indent);
			*column = indent;
		} else if (!first) {
			buf_ch(out, ' ');
			*column += 1;
		}
		buf_span(out, word);
		*column += columns;
	}
}

void
show_line(struct buf *out, const char *label, struct span text)
{
	struct buf shown = {0};
	size_t column = LABEL_COLUMNS + 1;

	buf_fmt(out, "%-*s ", LABEL_COLUMNS, label);
	buf_escape(&shown, text);
	show_fold(out, buf_view(&shown), LABEL_COLUMNS + 1, &column, COLUMNS_LEAST);
	buf_ch(out, '\n');
	buf_free(&shown);
}

void
show_linef(struct buf *out, const char *label, const char *fmt, ...)
{
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	show_line(out, label, buf_view(&text));
	buf_free(&text);
}

size_t
show_width(FILE *to)
{
	struct winsize w;
	int fd = fileno(to);

	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col < COLUMNS_LEAST)
		return COLUMNS_LEAST;
	return w.ws_col > COLUMNS_MOST ? COLUMNS_MOST : w.ws_col;
}

void
show_flush(struct buf *b, FILE *to)
{
	if (b->n > 0)
		fwrite(b->p, 1, b->n, to);
	buf_clear(b);
}
