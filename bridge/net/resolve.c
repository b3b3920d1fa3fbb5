/*
 * A query is up to 41 lookups: the MX, then A and AAAA of each host, all at
 * once. When the last has answered, resolve_order.c makes the list of them.
 * Of all queries LOOKUPS_MOST lookups are under way in libunbound, where each
 * takes some 10 KiB; more of them wait here.
 *
 * libunbound remembers for minutes that a name server is dead, and answers of
 * a network we have left. resolver_renew() puts the context aside (its open
 * lookups finish in it) and the next question makes another.
 */
#include "bridge/net/resolve_int.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Small caches, and few descriptors and buffers: a bridge asks for few names,
 * and the memory of a daemon with many dead next hops is bounded. A dead name
 * server is asked again soon, and a slow link is given time before it counts
 * as dead.
 */
static const char *const options[][2] = {
    {"do-not-query-localhost:", "no"},
    {"msg-cache-size:", "256k"},
    {"msg-cache-slabs:", "1"},
    {"rrset-cache-size:", "512k"},
    {"rrset-cache-slabs:", "1"},
    {"key-cache-size:", "64k"},
    {"key-cache-slabs:", "1"},
    {"neg-cache-size:", "64k"},
    {"infra-cache-numhosts:", "200"},
    {"infra-cache-slabs:", "1"},
    {"infra-host-ttl:", "60"},
    {"infra-keep-probing:", "yes"},
    {"outgoing-range:", "32"},
    {"outgoing-num-tcp:", "4"},
    {"incoming-num-tcp:", "0"},
    {"num-queries-per-thread:", "64"},
    {"so-rcvbuf:", "0"},
    {"so-sndbuf:", "0"},
    {"use-syslog:", "no"},
    {"verbosity:", "0"},
    {"unknown-server-time-limit:", "1128"},
};

#define LOOKUPS_MOST 64

static void lookups_go(struct resolver *r);

static void
on_poll_closed(uv_handle_t *h)
{
	struct resolve_context *c = h->data;

	ub_ctx_delete(c->ub);
	free(c);
}

static void
context_release(struct resolve_context *c)
{
	if (!c->retired || c->lookups > 0 || c->closing)
		return;
	c->closing = true;
	uv_close((uv_handle_t *)&c->poll, on_poll_closed);
}

static void
on_readable(uv_poll_t *p, int status, int events)
{
	struct resolve_context *c = p->data;

	(void)status;
	(void)events;
	ub_process(c->ub);
}

static int
context_configure(struct ub_ctx *ub, const struct resolver *r)
{
	size_t i;

	for (i = 0; i < sizeof options / sizeof options[0]; i++)
		if (ub_ctx_set_option(ub, options[i][0], options[i][1]) != 0)
			return -1;
	ub_ctx_debugout(ub, NULL);
	for (i = 0; i < r->nservers; i++)
		if (ub_ctx_set_fwd(ub, r->servers[i]) != 0)
			return -1;
	if (r->nservers == 0)
		ub_ctx_resolvconf(ub, NULL); /* without one it asks from the root */
	ub_ctx_hosts(ub, r->hosts);          /* a machine without one is none the worse */
	return ub_ctx_async(ub, 1) == 0 ? 0 : -1;
}

/* The context to ask in, made when it is first wanted. NULL: it cannot be made. */
static struct resolve_context *
resolver_context(struct resolver *r)
{
	struct resolve_context *c = r->context;

	if (c != NULL)
		return c;
	if ((c = calloc(1, sizeof *c)) == NULL)
		return NULL;
	if ((c->ub = ub_ctx_create()) == NULL || context_configure(c->ub, r) < 0 ||
	    uv_poll_init(r->loop, &c->poll, ub_fd(c->ub)) < 0) {
		ub_ctx_delete(c->ub);
		free(c);
		return NULL;
	}
	c->poll.data = c;
	uv_poll_start(&c->poll, UV_READABLE, on_readable);
	uv_unref((uv_handle_t *)&c->poll); /* a question keeps the loop by its timer */
	r->context = c;
	return c;
}

struct resolver *
resolver_new(uv_loop_t *loop, const struct config_strings *servers)
{
	struct resolver *r = calloc(1, sizeof *r);
	size_t i;

	if (r == NULL)
		return NULL;
	r->loop = loop;
	TAILQ_INIT(&r->waiting);
	r->hosts = "/etc/hosts";
	r->timeout_ms = RESOLVE_TIMEOUT_S * 1000;
	r->servers = calloc(servers->n + 1, sizeof *r->servers);
	for (i = 0; r->servers != NULL && i < servers->n; i++) {
		if ((r->servers[i] = strdup(servers->v[i])) == NULL)
			break;
		r->nservers++;
	}
	if (r->servers != NULL && r->nservers == servers->n)
		return r;
	resolver_free(r);
	return NULL;
}

void
resolver_renew(struct resolver *r)
{
	struct resolve_context *c = r->context;

	r->context = NULL;
	if (c == NULL)
		return;
	c->retired = true;
	context_release(c);
}

void
resolver_free(struct resolver *r)
{
	size_t i;

	if (r == NULL)
		return;
	while (r->queries != NULL)
		resolve_cancel(r->queries);
	resolver_renew(r);
	for (i = 0; i < r->nservers; i++)
		free(r->servers[i]);
	free(r->servers);
	free(r);
}

static void
on_query_closed(uv_handle_t *h)
{
	free(h->data);
}

/* It is no longer under way, or waiting. */
static void
lookup_close(struct resolve_lookup *l)
{
	struct resolver *r = l->query->resolver;

	if (l->waiting)
		TAILQ_REMOVE(&r->waiting, l, of_resolver);
	if (l->open) {
		r->lookups--;
		l->context->lookups--;
		context_release(l->context);
	}
	l->waiting = l->open = false;
}

/* Ends a query: its lookups are given up, its memory goes with its timer. */
static void
query_leave(struct resolve_query *q)
{
	struct resolve_lookup *l;
	unsigned i;

	for (i = 0; i < q->nlookups; i++) {
		l = &q->lookups[i];
		if (l->open)
			ub_cancel(l->context->ub, l->id);
		lookup_close(l);
	}
	if (q->left)
		return;
	q->left = true;
	*q->at = q->next;
	if (q->next != NULL)
		q->next->at = q->at;
	uv_close((uv_handle_t *)&q->timer, on_query_closed);
	lookups_go(q->resolver);
}

void
resolve_cancel(struct resolve_query *q)
{
	query_leave(q);
}

void
query_answer(struct resolve_query *q, const struct resolve_answer *a)
{
	if (q->left)
		return;
	query_leave(q);
	q->done(q->owner, a);
}

void
query_fail(struct resolve_query *q, enum outcome o, const char *status, const char *words)
{
	struct resolve_answer a = {.n = 0};

	verdict_set(&a.verdict, o, SCOPE_HOST, 0, status, "%s: %s", q->name, words);
	query_answer(q, &a);
}

static void
on_timer(uv_timer_t *t)
{
	struct resolve_query *q = t->data;

	if (!q->at_once) {
		query_fail(q, OUTCOME_LATER, "4.4.3", "no name server answered in time");
		return;
	}
	q->at_once = false;
	uv_timer_start(&q->timer, on_timer, q->resolver->timeout_ms, 0);
	query_go_on(q);
}

static void
on_answer(void *arg, int err, struct ub_result *result)
{
	struct resolve_lookup *l = arg;
	struct resolve_query *q = l->query;
	struct resolver *r = q->resolver;

	lookup_close(l);
	if (err == 0)
		lookup_take(l, result);
	else /* a name that is none (an empty label, one too long) does not exist */
		l->ending = err == UB_SYNTAX ? LOOKUP_NO_NAME : LOOKUP_LATER;
	ub_resolve_free(result);
	lookups_go(r);
	if (--q->pending == 0)
		query_go_on(q);
}

/* 0: its answer will come; -1: l->ending is it. */
static int
lookup_start(struct resolve_lookup *l)
{
	struct resolver *r = l->query->resolver;
	struct resolve_context *c = resolver_context(r);
	int rc;

	if (c == NULL)
		return -1;
	rc = ub_resolve_async(c->ub, l->name, l->type, 1, l, on_answer, &l->id);
	if (rc != 0) {
		l->ending = rc == UB_SYNTAX ? LOOKUP_NO_NAME : LOOKUP_LATER;
		return -1;
	}
	l->context = c;
	l->open = true;
	c->lookups++;
	r->lookups++;
	return 0;
}

/* Starts those that waited. One that cannot be started is answered from the timer. */
static void
lookups_go(struct resolver *r)
{
	struct resolve_lookup *l;

	while (r->lookups < LOOKUPS_MOST && (l = TAILQ_FIRST(&r->waiting)) != NULL) {
		lookup_close(l);
		if (lookup_start(l) == 0 || --l->query->pending > 0)
			continue;
		l->query->at_once = true;
		uv_timer_start(&l->query->timer, on_timer, 0, 0);
	}
}

void
lookup_ask(struct resolve_query *q, unsigned host, const char *name, int type)
{
	struct resolve_lookup *l = &q->lookups[q->nlookups++];
	struct resolver *r = q->resolver;

	*l = (struct resolve_lookup){.query = q, .host = host, .name = name, .type = type};
	l->ending = LOOKUP_LATER;
	if (r->lookups >= LOOKUPS_MOST) {
		l->waiting = true;
		TAILQ_INSERT_TAIL(&r->waiting, l, of_resolver);
		q->pending++;
	} else if (lookup_start(l) == 0) {
		q->pending++;
	}
}

static struct resolve_query *
query_new(struct resolver *r, const char *name, resolve_done *done, void *owner)
{
	struct resolve_query *q = calloc(1, sizeof *q);

	if (q == NULL)
		return NULL;
	q->resolver = r;
	q->done = done;
	q->owner = owner;
	resolve_name(name, q->name);
	q->next = r->queries;
	if (q->next != NULL)
		q->next->at = &q->next;
	q->at = &r->queries;
	r->queries = q;
	uv_timer_init(r->loop, &q->timer);
	q->timer.data = q;
	return q;
}

/* Asks what is to be asked; an answer that needs no question comes from the loop as well. */
static struct resolve_query *
query_begin(struct resolve_query *q, void (*ask)(struct resolve_query *q))
{
	if (!query_is_known(q))
		ask(q);
	q->at_once = q->pending == 0;
	uv_timer_start(&q->timer, on_timer, q->at_once ? 0 : q->resolver->timeout_ms, 0);
	return q;
}

struct resolve_query *
resolve_host(struct resolver *r, const char *host, resolve_done *done, void *owner)
{
	struct resolve_query *q = query_new(r, host, done, owner);

	return q != NULL ? query_begin(q, query_ask_host) : NULL;
}

struct resolve_query *
resolve_mx(struct resolver *r, const char *domain, const struct resolve_self *self,
           resolve_done *done, void *owner)
{
	struct resolve_query *q = query_new(r, domain, done, owner);

	if (q == NULL)
		return NULL;
	q->mx = true;
	q->self = self;
	return query_begin(q, query_ask_mx);
}
