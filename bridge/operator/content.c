#include "bridge/operator/content.h"

#include "bridge/message/header.h"
#include "bridge/operator/json.h"
#include "bridge/operator/store.h"

#include <stdlib.h>
#include <unistd.h>

#define START_BYTES  65536 /* of a header that is shown */
#define PIECE_BYTES  65536
#define GLANCE_BYTES 2048 /* of what could not be understood */

void
content_escape(struct span octets, struct buf *out)
{
	struct span run;

	while (octets.n > 0) {
		run = octets;
		run.n = 0;
		while (run.n < octets.n && octets.p[run.n] != '\n' && octets.p[run.n] != '\t')
			run.n++;
		buf_escape(out, run);
		if (run.n < octets.n)
			buf_ch(out, octets.p[run.n++]);
		octets.p += run.n;
		octets.n -= run.n;
	}
}

static enum ending
open_content(struct console *con, spool_id id, struct spool_content **c, uint64_t *size)
{
	if (spool_content_open(con->spool, id, c, size) == 0)
		return ENDING_DONE;
	return spool_status(con->spool) == SPOOL_NONE
	           ? store_no_message(con, id)
	           : store_failed(con, "cannot read the content");
}

/* The first `room` octets in *start. */
static enum ending
read_start(struct console *con, spool_id id, size_t room, struct buf *start)
{
	struct spool_content *c = NULL;
	enum ending e;
	uint64_t size;
	size_t n = 0;

	if ((e = open_content(con, id, &c, &size)) != ENDING_DONE)
		return e;
	if (room > size)
		room = (size_t)size;
	if (buf_room(start, room) != 0)
		e = operator_fail(con, ENDING_SYSTEM, "out of memory");
	while (e == ENDING_DONE && start->n < room) {
		if (spool_content_read(c, start->n, start->p + start->n, room - start->n, &n) != 0)
			e = store_failed(con, "cannot read the content");
		if (n == 0)
			break;
		start->n += n;
	}
	spool_content_close(c);
	return e;
}

static enum ending
read_header(struct console *con, spool_id id, struct buf *start, struct header *h)
{
	enum ending e = read_start(con, id, START_BYTES, start);

	if (e == ENDING_DONE && header_parse(buf_view(start), h) != 0)
		e = operator_fail(con, ENDING_SYSTEM, "out of memory");
	return e;
}

enum ending
content_header_text(struct console *con, spool_id id, struct buf *out)
{
	struct buf start = {0};
	struct header h = {0};
	enum ending e = read_header(con, id, &start, &h);

	if (e == ENDING_DONE && h.chain_bytes == 0 && h.n == 0)
		buf_str(out, "(it has no header)\n");
	else if (e == ENDING_DONE)
		content_escape((struct span){start.p, h.body_at - (h.blank ? 1 : 0)}, out);
	if (out->n > 0 && out->p[out->n - 1] != '\n')
		buf_ch(out, '\n');
	header_free(&h);
	buf_free(&start);
	return e;
}

enum ending
content_header_json(struct console *con, spool_id id, json_t *object)
{
	struct buf start = {0}, body = {0};
	struct header h = {0};
	json_t *fields = json_array();
	enum ending e = read_header(con, id, &start, &h);
	size_t i;

	for (i = 0; e == ENDING_DONE && i < h.n; i++) {
		buf_clear(&body);
		header_unfold(h.v[i].body, &body);
		json_array_append_new(fields,
		                      json_pack("{s:o, s:o}", "name", json_outside(h.v[i].name),
		                                "body", json_outside(buf_view(&body))));
	}
	if (e == ENDING_DONE)
		json_object_set_new(object, "from-lines",
		                    json_outside((struct span){buf_text(&start), h.chain_bytes}));
	json_object_set_new(object, "header", fields);
	header_free(&h);
	buf_free(&body);
	buf_free(&start);
	return e;
}

enum ending
content_chain(struct console *con, spool_id id, struct buf *start, struct span *chain)
{
	struct header h = {0};
	enum ending e = read_header(con, id, start, &h);

	*chain = (struct span){buf_text(start), e == ENDING_DONE ? h.chain_bytes : 0};
	header_free(&h);
	return e;
}

enum ending
content_start_text(struct console *con, spool_id id, struct buf *out)
{
	struct buf start = {0};
	enum ending e = read_start(con, id, GLANCE_BYTES, &start);

	content_escape(buf_view(&start), out);
	if (out->n > 0 && out->p[out->n - 1] != '\n')
		buf_ch(out, '\n');
	buf_free(&start);
	return e;
}

static enum ending
print_piece(struct console *con, struct spool_content *c, uint64_t at, char *piece, bool raw,
            size_t *n)
{
	struct buf shown = {0};

	if (spool_content_read(c, at, piece, PIECE_BYTES, n) != 0)
		return store_failed(con, "cannot read the content");
	if (raw) {
		fwrite(piece, 1, *n, con->out);
	} else {
		content_escape((struct span){piece, *n}, &shown);
		fwrite(buf_text(&shown), 1, shown.n, con->out);
	}
	buf_free(&shown);
	return ferror(con->out) ? ENDING_IO : ENDING_DONE;
}

enum ending
content_print(struct console *con, spool_id id)
{
	bool raw = !isatty(fileno(con->out));
	struct spool_content *c = NULL;
	char *piece = malloc(PIECE_BYTES);
	enum ending e = ENDING_DONE;
	uint64_t size, at = 0;
	size_t n = 0;

	if (piece == NULL)
		return operator_fail(con, ENDING_SYSTEM, "out of memory");
	e = open_content(con, id, &c, &size);
	while (e == ENDING_DONE && at < size) {
		e = print_piece(con, c, at, piece, raw, &n);
		if (n == 0)
			break;
		at += n;
	}
	spool_content_close(c);
	free(piece);
	return e;
}
