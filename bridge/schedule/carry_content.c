/*
 * The octets of a message for its session: a small one is at hand, a large one
 * is rendered a piece at a time by a job of the pool. The session may be done
 * with the message while such a job still reads it; then the job settles it.
 */
#include "bridge/schedule/carry_int.h"

#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES 65536

struct piece { /* a job: the next octets of a large letter */
	uv_work_t work;
	struct carrier *c;
	struct parcel *p;
	bool restart, failed;
	bool settle; /* the parcel was done with meanwhile */
	struct verdict verdict;
	char octets[PIECE_BYTES];
	size_t n;
};

static void
on_piece_work(uv_work_t *work)
{
	struct piece *piece = work->data;

	if (piece->restart)
		render_rewind(piece->p->render);
	piece->failed = render_read(piece->p->render, piece->octets, sizeof piece->octets,
	                            &piece->n, &piece->verdict) != 0;
}

static void
on_piece(uv_work_t *work, int status)
{
	struct piece *piece = work->data;
	struct carrier *c = piece->c;
	struct schedule *s = c->h->s;

	(void)status;
	carry_hold(c);
	c->piece = NULL;
	s->jobs--;
	if (piece->settle)
		hop_settle(c->h, piece->p);
	else if (c->session != NULL && piece->failed)
		session_content_failed(c->session, &piece->verdict);
	else if (c->session != NULL)
		session_content(c->session, piece->octets, piece->n, piece->n == 0);
	free(piece);
	carry_release(c);
	schedule_check_stopped(s);
}

void
carry_read(void *owner, struct session *session, const struct client_message *m, bool restart)
{
	struct carrier *c = owner;
	struct parcel *p = m->owner;
	struct piece *piece;
	struct verdict v;

	if (p->whole) {
		session_content(session, buf_text(&p->octets), p->octets.n, true);
		return;
	}
	piece = malloc(sizeof *piece);
	if (piece == NULL) {
		verdict_set(&v, OUTCOME_LATER, SCOPE_SESSION, 0, "4.3.0", "out of memory");
		session_content_failed(session, &v);
		return;
	}
	memset(piece, 0, offsetof(struct piece, octets));
	piece->c = c;
	piece->p = p;
	piece->restart = restart;
	piece->work.data = piece;
	c->piece = piece;
	c->h->s->jobs++;
	uv_queue_work(c->h->s->parts.loop, &piece->work, on_piece_work, on_piece);
}

bool
carry_settles_later(struct carrier *c, struct parcel *p)
{
	if (c->piece == NULL || c->piece->p != p)
		return false;
	c->piece->settle = true;
	return true;
}
