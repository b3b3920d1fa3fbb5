#include "bridge/link/probe.h"

#include "bridge/net/stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESSES 8 /* tried in one probe */

struct probe {
	uv_timer_t timer; /* first: its close callback frees the probe */
	uv_loop_t *loop;
	struct resolve_query *query; /* NULL: none under way */
	struct stream *stream;       /* NULL: none under way */
	struct sockaddr_storage address[ADDRESSES];
	size_t n, at;
	uint16_t port;
	probe_done *done;
	void *owner;
	char words[200];
};

static void
on_free(uv_handle_t *handle)
{
	free(handle->data);
}

void
probe_stop(struct probe *p)
{
	if (p->query != NULL)
		resolve_cancel(p->query);
	if (p->stream != NULL)
		stream_abandon(p->stream);
	uv_close((uv_handle_t *)&p->timer, on_free);
}

static void
finish(struct probe *p, bool answered)
{
	p->done(p->owner, answered, p->words);
	probe_stop(p);
}

static void connect_next(struct probe *p);

static void
on_opened(void *owner)
{
	struct probe *p = owner;

	finish(p, true);
}

static void
on_heard(void *owner, struct span bytes)
{
	(void)owner;
	(void)bytes;
}

static void
on_nothing(void *owner)
{
	(void)owner;
}

static void
on_stream_closed(void *owner, enum stream_end why, const char *words)
{
	struct probe *p = owner;

	(void)why;
	p->stream = NULL;
	snprintf(p->words, sizeof p->words, "%s", words);
	connect_next(p);
}

static void
connect_next(struct probe *p)
{
	static const struct stream_calls calls = {on_opened, on_nothing, on_heard, on_nothing,
	                                          on_stream_closed};
	struct stream_place place;

	while (p->at < p->n) {
		memset(&place, 0, sizeof place);
		place.peer = p->address[p->at++];
		p->stream = stream_open(p->loop, &place, &calls, p, p->words, sizeof p->words);
		if (p->stream != NULL)
			return;
	}
	finish(p, false);
}

static void
set_port(struct sockaddr_storage *a, uint16_t port)
{
	if (a->ss_family == AF_INET6)
		((struct sockaddr_in6 *)a)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)a)->sin_port = htons(port);
}

static void
on_resolved(void *owner, const struct resolve_answer *answer)
{
	struct probe *p = owner;

	p->query = NULL;
	if (answer->verdict.outcome != OUTCOME_SENT)
		snprintf(p->words, sizeof p->words, "%.190s", answer->verdict.words);
	for (p->n = 0; p->n < answer->n && p->n < ADDRESSES; p->n++) {
		p->address[p->n] = answer->v[p->n].addr;
		set_port(&p->address[p->n], p->port);
	}
	connect_next(p);
}

static void
on_timeout(uv_timer_t *timer)
{
	struct probe *p = timer->data;

	snprintf(p->words, sizeof p->words, "no answer in time");
	finish(p, false);
}

struct probe *
probe_start(uv_loop_t *loop, struct resolver *r, const char *host, uint16_t port,
            unsigned timeout_ms, probe_done *done, void *owner)
{
	struct probe *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->loop = loop;
	p->port = port;
	p->done = done;
	p->owner = owner;
	uv_timer_init(loop, &p->timer);
	p->timer.data = p;
	uv_timer_start(&p->timer, on_timeout, timeout_ms, 0);
	p->query = resolve_host(r, host, on_resolved, p);
	if (p->query == NULL) {
		uv_close((uv_handle_t *)&p->timer, on_free);
		return NULL;
	}
	return p;
}
