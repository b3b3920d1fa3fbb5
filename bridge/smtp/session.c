/*
 * A session's life: opened, fed and answered by its source, and ended once,
 * when nothing of it is under way any more (a read the source has not answered,
 * a job of the pool). What it does in between is pump.c's.
 */
#include "bridge/smtp/session_int.h"

#include <stdlib.h>

static void
on_timer_closed(uv_handle_t *h)
{
	struct session *s = h->data;

	free(s->v);
	free(s->domain);
	free(s->bind);
	buf_free(&s->peer);
	free(s);
}

/* The stream's and the machine's end; what they leave to the source has been told. */
void
session_drop(struct session *s, bool orderly)
{
	struct client *c = s->client;

	if (s->stream != NULL) {
		s->bytes_in += stream_bytes_in(s->stream);
		s->bytes_out += stream_bytes_out(s->stream);
		if (orderly)
			stream_close(s->stream);
		else
			stream_abandon(s->stream);
	}
	s->stream = NULL;
	s->client = NULL;
	client_free(c);
	s->securing = s->waiting = s->last = false;
	uv_timer_stop(&s->timer);
}

/* Ended is said when nothing of ours is under way any more. */
static void
session_leave(struct session *s)
{
	if (s->reading != NULL || s->working || s->pumping)
		return;
	s->source->ended(s->owner, s, &s->end, s->bytes_in, s->bytes_out);
	uv_close((uv_handle_t *)&s->timer, on_timer_closed);
}

void
session_over(struct session *s, const struct verdict *v)
{
	if (s->over)
		return;
	s->over = true;
	s->end = *v;
	reach_stop(s);
	secret_wipe(&s->secret);
	session_drop(s, v->outcome == OUTCOME_SENT);
	session_leave(s);
}

static void
work_secret(uv_work_t *w)
{
	struct session *s = w->data;

	secret_read(&s->secret, s->route->auth_file);
}

static void
on_secret(uv_work_t *w, int status)
{
	struct session *s = w->data;
	struct verdict v;

	(void)status;
	s->working = false;
	if (s->over) {
		secret_wipe(&s->secret);
		session_leave(s);
	} else if (s->secret.error[0] != '\0') {
		verdict_set(&v, OUTCOME_LATER, SCOPE_HOST, 0, "4.7.8", "%s", s->secret.error);
		session_over(s, &v);
	} else {
		reach_begin(s);
	}
}

/* Another turn of the loop, with the file read meanwhile where there is one. */
static int
session_begin(struct session *s)
{
	s->work.data = s;
	s->working = uv_queue_work(s->common->loop, &s->work, work_secret, on_secret) == 0;
	return s->working ? 0 : -1;
}

struct session *
session_open(const struct session_common *common, const struct session_options *o,
             const struct session_source *source, void *owner)
{
	struct session *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->common = common;
	s->route = o->route;
	s->source = source;
	s->owner = owner;
	s->port = o->port != 0 ? o->port : 25;
	s->linger_s = o->linger_s != 0 ? o->linger_s : SESSION_LINGER_S;
	s->domain = strdup(o->domain != NULL ? o->domain : "");
	s->bind = strdup(o->source != NULL ? o->source : "");
	s->secret.user = s->secret.password = "";
	uv_timer_init(common->loop, &s->timer);
	s->timer.data = s;
	if (s->domain != NULL && s->bind != NULL && session_begin(s) == 0)
		return s;
	uv_close((uv_handle_t *)&s->timer, on_timer_closed);
	return NULL;
}

void
session_ready(struct session *s)
{
	s->waiting = false;
	uv_timer_stop(&s->timer);
	session_pump(s);
}

/* A read is answered: what waited for that may come now. false: the session is over. */
static bool
session_answered(struct session *s)
{
	const struct client_message *owed = s->owed;

	s->reading = s->owed = NULL;
	if (owed != NULL)
		s->source->done(s->owner, s, owed);
	if (!s->over)
		return true;
	session_leave(s);
	return false;
}

void
session_content(struct session *s, const void *p, size_t n, bool last)
{
	if (!session_answered(s) || s->client == NULL)
		return;
	s->last = last;
	client_content(s->client, (struct span){n > 0 ? p : "", n}, false);
	session_pump(s);
}

void
session_content_failed(struct session *s, const struct verdict *v)
{
	bool pumping;

	if (!session_answered(s) || s->client == NULL)
		return;
	pumping = s->pumping;
	s->pumping = true;
	client_content_failed(s->client, v);
	s->pumping = pumping;
	session_pump(s);
}

void
session_finish(struct session *s)
{
	s->finishing = true;
	if (s->client != NULL && client_ready(s->client))
		session_pump(s);
	else
		session_abandon(s, "finished before the first message");
}

void
session_abandon(struct session *s, const char *words)
{
	struct verdict v;

	if (s->over)
		return;
	s->finishing = true; /* no other server */
	verdict_set(&v, OUTCOME_LATER, SCOPE_SESSION, 0, "4.3.2", "%s", words);
	if (s->client == NULL) {
		session_over(s, &v);
		return;
	}
	session_cut(s, "4.3.2", words);
	session_pump(s);
}

const struct client_abilities *
session_abilities(const struct session *s)
{
	static const struct client_abilities none;

	return s->client != NULL ? client_abilities(s->client) : &none;
}

const char *
session_peer(const struct session *s)
{
	return buf_text(&s->peer);
}

const char *
session_tls(const struct session *s)
{
	return s->stream != NULL ? stream_tls_version(s->stream) : "";
}
