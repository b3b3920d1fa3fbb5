#include "bridge/operator/control_int.h"
#include "bridge/operator/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEERS_MOST     32
#define MEMORY_WAIT_MS 1000

struct control_peer {
	LIST_ENTRY(control_peer) of_server;
	struct control_server *server; /* NULL: the server is gone */
	uv_pipe_t pipe;
	uv_timer_t timer;
	struct buf in;
	char room[CONTROL_LINE_MAX];
	char who[40]; /* for the journal */
	bool asking;  /* a change is under way: the next request waits */
	bool closing;
	unsigned handles; /* not yet closed */
};

LIST_HEAD(peers, control_peer);

struct listener {
	uv_pipe_t pipe;
	uv_timer_t again;
	struct control_server *server;
	unsigned handles; /* not yet closed */
};

struct control_server {
	struct control_world world;
	char *path;                /* owned */
	bool bound;                /* the socket there is ours */
	struct listener *listener; /* owned; freed when closed */
	struct peers peers;
	unsigned npeers;
};

static void hear_lines(struct control_peer *p);

/* ---- a peer's end ---- */

static void
free_if_done(struct control_peer *p)
{
	if (p->handles > 0 || p->asking)
		return;
	buf_free(&p->in);
	free(p);
}

static void
on_peer_closed(uv_handle_t *handle)
{
	struct control_peer *p = handle->data;

	p->handles--;
	free_if_done(p);
}

static void
close_peer(struct control_peer *p)
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
	struct control_peer *p;
	char *text; /* owned, by malloc */
};

static void
on_answered(uv_write_t *write, int status)
{
	struct answer *a = write->data;
	struct control_peer *p = a->p;

	free(a->text);
	free(a);
	if (status != 0)
		close_peer(p);
	else
		hear_lines(p);
}

static int
send_text(struct control_peer *p, char *text)
{
	struct answer *a = text != NULL ? calloc(1, sizeof *a) : NULL;
	uv_buf_t b[2];

	if (a == NULL)
		return -1;
	a->p = p;
	a->write.data = a;
	a->text = text;
	b[0] = uv_buf_init(text, (unsigned)strlen(text));
	b[1] = uv_buf_init((char *)"\n", 1);
	if (uv_write(&a->write, (uv_stream_t *)&p->pipe, b, 2, on_answered) == 0)
		return 0;
	free(a);
	return -1;
}

void
control_answer(struct control_peer *p, json_t *owned)
{
	char *text = owned != NULL ? json_dumps(owned, JSON_COMPACT) : NULL;
	bool late = p->asking;

	json_decref(owned);
	p->asking = false;
	if (p->closing) {
		free(text);
		free_if_done(p);
		return;
	}
	if (send_text(p, text) != 0) {
		free(text);
		close_peer(p);
	} else if (late)
		hear_lines(p);
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

void
control_refuse(struct control_peer *p, enum control_kind k, const char *words)
{
	control_answer(p, json_pack("{s:b,s:s,s:o}", "ok", 0, "kind", kind_name(k), "error",
	                            json_outside(span_of(words))));
}

void
control_later(struct control_peer *p)
{
	p->asking = true;
}

const struct control_world *
control_world_of(const struct control_peer *p)
{
	return &p->server->world;
}

void
control_name(struct control_peer *p, const char *who)
{
	snprintf(p->who, sizeof p->who, "%s", who);
}

const char *
control_who(const struct control_peer *p)
{
	return p->who;
}

/* ---- lines ---- */

/* Who asks and does not read is not answered again: the answers would fill the memory. */
static bool
reads_on(const struct control_peer *p)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&p->pipe) == 0;
}

static void
hear_lines(struct control_peer *p)
{
	struct span rest;
	const char *lf;

	while (!p->asking && !p->closing && reads_on(p)) {
		rest = buf_view(&p->in);
		lf = memchr(rest.p, '\n', rest.n);
		if (lf == NULL)
			break;
		uv_timer_again(&p->timer);
		control_request(p, (struct span){rest.p, (size_t)(lf - rest.p)});
		if (!p->closing)
			buf_drop(&p->in, (size_t)(lf - rest.p) + 1);
	}
	if (p->in.n >= CONTROL_LINE_MAX && !p->asking && reads_on(p))
		close_peer(p);
}

static void
on_room(uv_handle_t *handle, size_t wanted, uv_buf_t *b)
{
	struct control_peer *p = handle->data;

	(void)wanted;
	*b = uv_buf_init(p->room, sizeof p->room);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct control_peer *p = stream->data;

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
is_welcome(struct control_peer *p)
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

static void take_connection(struct listener *l);

static void
on_again(uv_timer_t *timer)
{
	struct listener *l = timer->data;

	take_connection(l);
}

static void
take_connection(struct listener *l)
{
	struct control_server *s = l->server;
	struct control_peer *p = calloc(1, sizeof *p);

	if (p == NULL) { /* libuv says nothing of the next one before this one is accepted */
		uv_timer_start(&l->again, on_again, MEMORY_WAIT_MS, 0);
		return;
	}
	p->server = s;
	p->handles = 2;
	uv_pipe_init(s->world.loop, &p->pipe, 0);
	uv_timer_init(s->world.loop, &p->timer);
	p->pipe.data = p->timer.data = p;
	LIST_INSERT_HEAD(&s->peers, p, of_server);
	s->npeers++;
	if (uv_accept((uv_stream_t *)&l->pipe, (uv_stream_t *)&p->pipe) != 0 ||
	    s->npeers > PEERS_MOST) {
		close_peer(p);
		return;
	}
	if (!is_welcome(p)) {
		control_refuse(p, CONTROL_REFUSED, "this is not for you");
		close_peer(p);
		return;
	}
	uv_timer_start(&p->timer, on_idle, CONTROL_IDLE_S * 1000, CONTROL_IDLE_S * 1000);
	uv_read_start((uv_stream_t *)&p->pipe, on_room, on_read);
}

static void
on_connection(uv_stream_t *pipe, int status)
{
	if (status == 0)
		take_connection(pipe->data);
}

static void
on_listener_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;

	if (--l->handles == 0)
		free(l);
}

static struct listener *
new_listener(struct control_server *s)
{
	struct listener *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->server = s;
	l->handles = 2;
	uv_pipe_init(s->world.loop, &l->pipe, 0);
	uv_timer_init(s->world.loop, &l->again);
	l->pipe.data = l->again.data = l;
	return l;
}

/* Only a socket is replaced: a mistyped path must not cost a file. 0, or UV_EEXIST. */
static int
clear_place(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return 0; /* nothing is there, or bind() says why it cannot be reached */
	if (!S_ISSOCK(st.st_mode))
		return UV_EEXIST;
	unlink(path);
	return 0;
}

/*
 * Nobody can connect before listen(), so the mode may be set after bind(): a
 * umask would be in force for files that the writer makes, too.
 */
static int
listen_at(struct control_server *s, const char *path)
{
	int rc = clear_place(path);

	if (rc == 0)
		rc = uv_pipe_bind(&s->listener->pipe, path);
	if (rc != 0)
		return rc;
	s->bound = true;
	if (chmod(path, 0600) != 0)
		return uv_translate_sys_error(errno);
	return uv_listen((uv_stream_t *)&s->listener->pipe, 8, on_connection);
}

struct control_server *
control_server_new(const struct control_world *w, const char *path, char *why, size_t why_size)
{
	struct control_server *s = calloc(1, sizeof *s);
	int rc;

	if (s != NULL) {
		s->world = *w;
		LIST_INIT(&s->peers);
		s->path = strdup(path);
		s->listener = s->path != NULL ? new_listener(s) : NULL;
	}
	if (s == NULL || s->listener == NULL) {
		snprintf(why, why_size, "out of memory");
		control_server_free(s);
		return NULL;
	}
	rc = listen_at(s, path);
	if (rc == 0)
		return s;
	snprintf(why, why_size, "%s: %s", path,
	         rc == UV_EEXIST ? "there is something that is no socket" : uv_strerror(rc));
	control_server_free(s);
	return NULL;
}

void
control_server_free(struct control_server *s)
{
	struct control_peer *p;

	if (s == NULL)
		return;
	if (s->bound)
		unlink(s->path);
	if (s->listener != NULL) {
		uv_close((uv_handle_t *)&s->listener->pipe, on_listener_closed);
		uv_close((uv_handle_t *)&s->listener->again, on_listener_closed);
	}
	while ((p = LIST_FIRST(&s->peers)) != NULL) {
		close_peer(p);
		p->server = NULL;
	}
	free(s->path);
	free(s);
}
