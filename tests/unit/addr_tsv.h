/* The tables of tests/data: a file read whole, its rows, their escaped cells. */
#ifndef TESTS_ADDR_TSV_H
#define TESTS_ADDR_TSV_H

#include "bridge/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#define TSV_CELLS 16

/* Fails the test when the file is not there: data that is missing is no reason to pass. */
static inline void
file_read(const char *path, struct buf *out)
{
	char block[65536];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		fail_msg("%s is missing", path);
	buf_clear(out);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		buf_add(out, block, n);
	fclose(f);
}

static inline bool
tsv_next(struct span *rest, struct span cells[TSV_CELLS])
{
	struct span line;
	size_t i;

	if (rest->n == 0)
		return false;
	line = span_cut(rest, '\n');
	for (i = 0; i < TSV_CELLS; i++)
		cells[i] = span_cut(&line, '\t');
	return true;
}

/* \xNN and \\ taken back; a cell "@file:long/NAME" is that file beside the table. */
static inline void
tsv_cell(struct span cell, const char *folder, struct buf *out)
{
	char path[256], hex[3] = "";
	size_t i;

	buf_clear(out);
	if (span_starts_nocase(cell, "@file:")) {
		snprintf(path, sizeof path, "tests/data/%s/%.*s", folder, (int)cell.n - 6,
		         cell.p + 6);
		file_read(path, out);
		return;
	}
	for (i = 0; i < cell.n; i++) {
		if (cell.p[i] != '\\' || i + 1 == cell.n) {
			buf_ch(out, cell.p[i]);
		} else if (cell.p[++i] == 'x' && i + 2 < cell.n) {
			memcpy(hex, cell.p + i + 1, 2);
			buf_ch(out, (char)strtoul(hex, NULL, 16));
			i += 2;
		} else {
			buf_ch(out, cell.p[i]);
		}
	}
}

/* The fields of a cell of headers.tsv, one by one: " \\n " stands between them. */
static inline bool
tsv_field_next(struct span *block, struct span *name, struct span *body)
{
	const char *mark;

	if (block->n == 0)
		return false;
	mark = memmem(block->p, block->n, " \\n ", 4);
	*body = (struct span){block->p, mark != NULL ? (size_t)(mark - block->p) : block->n};
	block->p += body->n + (mark != NULL ? 4 : 0);
	block->n -= body->n + (mark != NULL ? 4 : 0);
	*name = span_cut(body, ':');
	return true;
}

#endif
