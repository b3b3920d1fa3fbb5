#include "bridge/operator/control_server.h"

#include "bridge/base/log.h"
#include "bridge/operator/control.h"
#include "bridge/operator/json.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEERS_MOST 32

struct peer {
	LIST_ENTRY(peer) of_server;
	struct control_server *server; /* NULL: the server is gone */
	uv_pipe_t pipe;
	uv_timer_t timer;
	struct buf in;
	char room[CONTROL_LINE_MAX];
	char who[32];  /* for the journal */
	bool asking;   /* a change is under way: the next request waits */
	bool closing;
	unsigned handles; /* not yet closed */
};

LIST_HEAD(peers, peer);

struct control_server {
	struct control_world world;
	char *path; /* owned */
	uv_pipe_t *pipe;
	struct peers peers;
	unsigned npeers;
};

static void hear_lines(struct peer *p);

/* ---- a peer's end ---- */

static void
free_if_done(struct peer *p)
{
	if (p->handles > 0 || p->asking)
		return;
	buf_free(&p->in);
	free(p);
}

static void
on_peer_closed(uv_handle_t *handle)
{
	struct peer *p = handle->data;

	p->handles--;
	free_if_done(p);
}

static void
close_peer(struct peer *p)
{
	if (p->closing)
		return;
	p->closing = true;
	if (p->server != NULL) {
		LIST_REMOVE(p, of_server);
		p->server->npeers--;
	}
	uv_close((uv_handle_t *)&p->pipe, on_peer_closed);
	uv_close((uv_handle_t *)&p->timer, on_peer_closed);
}

static void
on_idle(uv_timer_t *timer)
{
	close_peer(timer->data);
}

/* ---- answers ---- */

struct answer {
	uv_write_t write;
	struct peer *p;
	char *text; /* owned, by malloc */
};

static void
on_answered(uv_write_t *write, int status)
{
	struct answer *a = write->data;

	if (status != 0)
		close_peer(a->p);
	free(a->text);
	free(a);
}

static void
answer(struct peer *p, json_t *owned)
{
	struct answer *a = calloc(1, sizeof *a);
	uv_buf_t b[2];

	if (a != NULL)
		a->text = owned != NULL ? json_dumps(owned, JSON_COMPACT) : NULL;
	json_decref(owned);
	if (a == NULL || a->text == NULL || p->closing) {
		free(a != NULL ? a->text : NULL);
		free(a);
		close_peer(p);
		return;
	}
	a->p = p;
	a->write.data = a;
	b[0] = uv_buf_init(a->text, (unsigned)strlen(a->text));
	b[1] = uv_buf_init((char *)"\n", 1);
	if (uv_write(&a->write, (uv_stream_t *)&p->pipe, b, 2, on_answered) != 0) {
		free(a->text);
		free(a);
		close_peer(p);
	}
}

static const char *
kind_name(enum control_kind k)
{
	static const char *const names[] = {
#define CONTROL_NAME(id, name, meaning) [CONTROL_##id] = name,
	    CONTROL_KINDS(CONTROL_NAME)
#undef CONTROL_NAME
	};

	return names[k];
}

static void
refuse(struct peer *p, enum control_kind k, const char *words)
{
	answer(p, json_pack("{s:b,s:s,s:o}", "ok", 0, "kind", kind_name(k), "error",
	                    json_outside(span_of(words))));
}

static void
agree(struct peer *p)
{
	answer(p, json_pack("{s:b}", "ok", 1));
}

/* ---- requests ---- */

static enum control_kind
kind_of(enum spool_status st)
{
	switch (st) {
	case SPOOL_NONE:
		return CONTROL_NONE;
	case SPOOL_BUSY:
		return CONTROL_BUSY;
	default:
		return CONTROL_FAILED;
	}
}

static void
on_changed(void *owner, struct writer_result result)
{
	struct peer *p = owner;

	p->asking = false;
	if (p->closing) {
		free_if_done(p);
		return;
	}
	if (result.status == SPOOL_OK)
		agree(p);
	else
		refuse(p, kind_of(result.status), result.error);
	if (!p->closing)
		hear_lines(p);
}

static void
do_change(struct peer *p, const json_t *request, enum schedule_deed deed)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	const json_t *rcpt = json_object_get(request, "rcpt");
	struct schedule_change c = {.deed = deed, .rcpt = SPOOL_ALL, .by = p->who,
	                            .wait_ms = CONTROL_WAIT_S * 1000};
	json_int_t n = json_integer_value(rcpt);

	if (id == NULL || spool_id_parse(id, &c.id) != 0 ||
	    (rcpt != NULL && (!json_is_integer(rcpt) || n < 0 || n >= (json_int_t)SPOOL_ALL))) {
		refuse(p, CONTROL_USAGE, "a message's id, and perhaps a delivery's number, is needed");
		return;
	}
	if (rcpt != NULL)
		c.rcpt = (uint32_t)n;
	p->asking = true;
	if (schedule_change(p->server->world.schedule, &c, on_changed, p) != 0) {
		p->asking = false;
		refuse(p, CONTROL_FAILED, "out of memory");
	}
}

static void
do_hold(struct peer *p, const json_t *request)
{
	do_change(p, request, SCHEDULE_HOLD);
}

static void
do_release(struct peer *p, const json_t *request)
{
	do_change(p, request, SCHEDULE_RELEASE);
}

static void
do_retry(struct peer *p, const json_t *request)
{
	do_change(p, request, SCHEDULE_RETRY);
}

static void
do_delete(struct peer *p, const json_t *request)
{
	do_change(p, request, SCHEDULE_DELETE);
}

static const char *
state_of(const struct links *l, const char *name)
{
	struct links_view v;
	size_t i;

	for (i = 0; i < links_count(l); i++) {
		links_view(l, i, &v);
		if (strcmp(v.name, name) == 0)
			return v.up ? "up" : "down";
	}
	return "down";
}

static void
do_link(struct peer *p, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "name"));
	const char *set = json_string_value(json_object_get(request, "set"));
	struct links *links = p->server->world.links;
	enum link_order order;

	if (name == NULL || set == NULL || link_order_parse(set, &order) != 0)
		refuse(p, CONTROL_USAGE, "a link's name and one of up, down, auto is needed");
	else if (links_order(links, name, order, p->who) != 0)
		refuse(p, CONTROL_NONE, "there is no such link");
	else
		answer(p, json_pack("{s:b,s:s}", "ok", 1, "state", state_of(links, name)));
}

static void
do_reload(struct peer *p, const json_t *request)
{
	const struct control_world *w = &p->server->world;
	struct buf why = {0};

	(void)request;
	if (w->reload(w->owner, &why) == 0)
		agree(p);
	else
		refuse(p, CONTROL_CONFIG, buf_text(&why));
	buf_free(&why);
}

static void
do_compact(struct peer *p, const json_t *request)
{
	(void)request;
	refuse(p, CONTROL_REFUSED, "the queue is in use: stop bangwayd, then compact it");
}

/* ---- status ---- */

static json_t *
links_json(const struct links *l)
{
	json_t *all = json_array();
	struct links_view v;
	size_t i;

	for (i = 0; i < links_count(l); i++) {
		links_view(l, i, &v);
		json_array_append_new(
		    all, json_pack("{s:s,s:s,s:s,s:s,s:I,s:o}", "name", v.name, "evidence",
		                   link_evidence_name(v.evidence), "order",
		                   link_order_name(v.order), "state", v.up ? "up" : "down",
		                   "since", (json_int_t)v.since_s, "words",
		                   json_outside(span_of(v.words))));
	}
	return all;
}

static json_t *
names_json(const struct config_strings *names)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; names != NULL && i < names->n; i++)
		json_array_append_new(all, json_string(names->v[i]));
	return all;
}

static void
see_hop(void *arg, const struct schedule_view *v)
{
	json_array_append_new(
	    arg, json_pack("{s:o,s:o,s:I,s:I,s:I,s:s,s:I,s:I,s:o}", "name",
	                   json_outside(span_of(v->name)), "links", names_json(v->links),
	                   "destinations", (json_int_t)v->destinations, "sessions",
	                   (json_int_t)v->sessions, "under-way", (json_int_t)v->under_way, "wait",
	                   v->wait, "until", (json_int_t)v->until_s, "failures",
	                   (json_int_t)v->failures, "words", json_outside(span_of(v->words))));
}

static void
do_status(struct peer *p, const json_t *request)
{
	const struct control_world *w = &p->server->world;
	json_t *hops = json_array();

	(void)request;
	schedule_look(w->schedule, see_hop, hops);
	answer(p, json_pack("{s:b,s:s,s:I,s:o,s:I,s:I,s:o,s:o}", "ok", 1, "version",
	                    BANGWAY_VERSION, "pid", (json_int_t)getpid(), "config",
	                    json_outside(span_of(w->config_path)), "started",
	                    (json_int_t)w->started_s, "under-way",
	                    (json_int_t)schedule_under_way(w->schedule), "links",
	                    links_json(w->links), "next-hops", hops));
}

/* ---- lines ---- */

static void
do_request(struct peer *p, struct span line)
{
	static const struct {
		const char *name;
		void (*run)(struct peer *p, const json_t *request);
	} verbs[] = {
	    {"hold", do_hold}, {"release", do_release}, {"retry", do_retry},
	    {"delete", do_delete}, {"link", do_link}, {"reload", do_reload},
	    {"status", do_status}, {"compact", do_compact},
	};
	json_t *request = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(request, "do"));
	size_t i;

	for (i = 0; name != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(name, verbs[i].name) == 0)
			break;
	if (name == NULL || i == sizeof verbs / sizeof verbs[0])
		refuse(p, CONTROL_USAGE, "this request is not understood");
	else
		verbs[i].run(p, request);
	json_decref(request);
}

static void
hear_lines(struct peer *p)
{
	struct span rest;
	const char *lf;

	while (!p->asking && !p->closing) {
		rest = buf_view(&p->in);
		lf = memchr(rest.p, '\n', rest.n);
		if (lf == NULL)
			break;
		uv_timer_again(&p->timer);
		do_request(p, (struct span){rest.p, (size_t)(lf - rest.p)});
		if (!p->closing)
			buf_drop(&p->in, (size_t)(lf - rest.p) + 1);
	}
	if (p->in.n >= CONTROL_LINE_MAX && !p->asking)
		close_peer(p);
}

static void
on_room(uv_handle_t *handle, size_t wanted, uv_buf_t *b)
{
	struct peer *p = handle->data;

	(void)wanted;
	*b = uv_buf_init(p->room, sizeof p->room);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct peer *p = stream->data;

	if (n == 0)
		return;
	if (n > 0)
		buf_add(&p->in, b->base, (size_t)n);
	/* Requests may be sent ahead, but not without end. */
	if (n < 0 || p->in.bad || p->in.n > 16 * CONTROL_LINE_MAX)
		close_peer(p);
	else
		hear_lines(p);
}

/* ---- connections ---- */

/* Only our own user and root: who they are is the kernel's word. */
static bool
is_welcome(struct peer *p)
{
	struct ucred who;
	socklen_t n = sizeof who;
	uv_os_fd_t fd;

	if (uv_fileno((uv_handle_t *)&p->pipe, &fd) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return false;
	snprintf(p->who, sizeof p->who, "uid-%u", (unsigned)who.uid);
	return who.uid == 0 || who.uid == geteuid();
}

static void
on_connection(uv_stream_t *listener, int status)
{
	struct control_server *s = listener->data;
	struct peer *p = status == 0 ? calloc(1, sizeof *p) : NULL;

	if (p == NULL)
		return;
	p->server = s;
	p->handles = 2;
	uv_pipe_init(s->world.loop, &p->pipe, 0);
	uv_timer_init(s->world.loop, &p->timer);
	p->pipe.data = p->timer.data = p;
	LIST_INSERT_HEAD(&s->peers, p, of_server);
	s->npeers++;
	if (uv_accept(listener, (uv_stream_t *)&p->pipe) != 0 || s->npeers > PEERS_MOST) {
		close_peer(p);
		return;
	}
	if (!is_welcome(p)) {
		refuse(p, CONTROL_REFUSED, "this is not for you");
		close_peer(p);
		return;
	}
	uv_timer_start(&p->timer, on_idle, CONTROL_IDLE_S * 1000, CONTROL_IDLE_S * 1000);
	uv_read_start((uv_stream_t *)&p->pipe, on_room, on_read);
}

static void
on_listener_closed(uv_handle_t *handle)
{
	free(handle);
}

static int
listen_at(struct control_server *s, const char *path)
{
	mode_t mask = umask(0177);
	int rc;

	unlink(path);
	rc = uv_pipe_bind(s->pipe, path);
	umask(mask);
	return rc != 0 ? rc : uv_listen((uv_stream_t *)s->pipe, 8, on_connection);
}

struct control_server *
control_server_new(const struct control_world *w, const char *path, char *why, size_t why_size)
{
	struct control_server *s = calloc(1, sizeof *s);
	uv_pipe_t *pipe = malloc(sizeof *pipe);
	int rc;

	if (s == NULL || pipe == NULL || (s->path = strdup(path)) == NULL) {
		snprintf(why, why_size, "out of memory");
		free(s);
		free(pipe);
		return NULL;
	}
	s->world = *w;
	s->pipe = pipe;
	LIST_INIT(&s->peers);
	uv_pipe_init(w->loop, pipe, 0);
	pipe->data = s;
	rc = listen_at(s, path);
	if (rc == 0)
		return s;
	snprintf(why, why_size, "%s: %s", path, uv_strerror(rc));
	control_server_free(s);
	return NULL;
}

void
control_server_free(struct control_server *s)
{
	struct peer *p;

	if (s == NULL)
		return;
	unlink(s->path);
	uv_close((uv_handle_t *)s->pipe, on_listener_closed);
	while ((p = LIST_FIRST(&s->peers)) != NULL) {
		close_peer(p);
		p->server = NULL;
	}
	free(s->path);
	free(s);
}
