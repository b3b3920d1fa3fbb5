/*
 * Bytes: one borrowed view, one growing buffer.
 *
 * A span is borrowed and never freed; its text is not NUL-terminated. A buf
 * owns its bytes. Appending to a buf that could not grow does nothing, and
 * buf.bad stays set until buf_clear(): ask once, when all is appended. The
 * bytes of a buf always end in a NUL that n does not count.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *p; /* borrowed; "" when empty, never NULL */
	size_t n;
};

struct buf {
	char *p; /* owned; NULL until the first append */
	size_t n;
	size_t size;
	bool bad;   /* an append failed for want of memory, or passed max */
	size_t max; /* bytes it may hold; 0: no limit */
};

#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

static inline struct span
span_of(const char *s)
{
	return (struct span){s ? s : "", s ? strlen(s) : 0};
}

bool span_eq(struct span a, struct span b);
bool span_is(struct span a, const char *text);        /* the same octets */
bool span_is_nocase(struct span a, const char *text); /* ASCII letters alike */
bool span_eq_nocase(struct span a, struct span b);
int span_order_nocase(struct span a, const char *text); /* as strcasecmp() has it */
bool span_starts_nocase(struct span a, const char *prefix);
struct span span_trim(struct span a); /* without blanks, tabs, CR and LF at either end */
/* Takes what stands before the first `at`; *rest becomes what follows it. */
struct span span_cut(struct span *rest, char at);
/* Octets of the UTF-8 character at the front (RFC 3629); 0: none, or a C1 control. */
size_t span_utf8(struct span a);

void buf_free(struct buf *b);  /* frees and zeroes, max too */
void buf_clear(struct buf *b); /* empties, keeps the memory, forgets bad */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_span(struct buf *b, struct span s);
void buf_str(struct buf *b, const char *s);
void buf_ch(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *fmt, va_list ap);
void buf_drop(struct buf *b, size_t n);    /* removes the first n bytes */
int buf_room(struct buf *b, size_t n);     /* room for n more and the NUL: 0, or -1 and bad */
const char *buf_text(const struct buf *b); /* NUL-terminated, "" when empty; borrowed */

/*
 * Text from outside as it may be shown in a log or on a terminal: octets
 * below 0x20, 0x7f, what is not UTF-8, and characters that hide or turn round
 * the text about them become \xNN, a backslash \\.
 */
void buf_escape(struct buf *b, struct span s);
/* Also blanks, quotes and '=', so that it is the value of one key=value. */
void buf_escape_value(struct buf *b, struct span s);

static inline struct span
buf_view(const struct buf *b)
{
	return (struct span){b->p ? b->p : "", b->n};
}

#endif
