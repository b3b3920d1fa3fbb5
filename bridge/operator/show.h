/*
 * How things look to a person: cells of a table, ages, times. Text from
 * outside is escaped here, and nowhere cut inside a character. A character is
 * taken to be one column wide; terminals of 24x80 know no others.
 */
#ifndef OPERATOR_SHOW_H
#define OPERATOR_SHOW_H

#include "bridge/base/buf.h"

#include <stdint.h>
#include <stdio.h>

#define SHOW_TEXT 32

enum show_side { SHOW_LEFT, SHOW_RIGHT };

/* Appends the text escaped, in exactly `width` columns; what is cut ends in '~'. */
void show_cell(struct buf *out, struct span text, size_t width, enum show_side side);
/* Of text that is shown (escaped) already. */
void show_fit(struct buf *out, struct span shown, size_t width, enum show_side side);
/* show_cell() for the last cell of a line: cut, but not filled up. */
void show_last(struct buf *out, struct span text, size_t width);
/* Columns that already shown (valid UTF-8) text takes. */
size_t show_columns(struct span shown);

/* The largest unit, and the next where it helps: "45s", "12m", "3h20m", "2d4h", "412d". At most 6.
 */
const char *show_age(int64_t seconds, char out[SHOW_TEXT]);
/* "in 14m", "just now", "12m ago". Returns out. */
const char *show_when(int64_t at_s, int64_t now_s, char out[SHOW_TEXT]);
/* "3 messages", "1 message": a number, thousands apart, with its noun ("": none). Returns out. */
const char *show_count(uint64_t n, const char *one, const char *many, char out[2 * SHOW_TEXT]);

/*
 * Text that is shown already, in words: each where there is room before
 * `width`, else on a new line after `indent` blanks. *column is where it
 * begins, then where it ended.
 */
void show_fold(struct buf *out, struct span shown, size_t indent, size_t *column, size_t width);
/* "label        text" on lines of its own, folded to 80; the text is escaped. */
void show_line(struct buf *out, const char *label, struct span text);
void show_linef(struct buf *out, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Columns of the terminal that `to` is, at least 80; 80 when it is none. */
size_t show_width(FILE *to);

/* Writes what is in b and empties it. */
void show_flush(struct buf *b, FILE *to);

#endif
