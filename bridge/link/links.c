#include "bridge/link/links.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/link/chances.h"
#include "bridge/link/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REMEMBER_MS 300000 /* a running clock is written so often: a crash loses no more */

struct link {
	struct links *owner;
	const struct config_link *config; /* borrowed; NULL: the built-in one */
	char *name;                       /* owned */
	struct link_state state;
	struct probe *probe; /* NULL: none under way */
	int64_t since_s;
	char words[200];
};

struct links {
	uv_loop_t *loop;
	struct resolver *resolver;
	struct links_calls calls;
	void *owner;
	uv_timer_t *probing, *remembering; /* owned; freed when closed */
	struct link *v;                    /* owned */
	size_t n;
	struct chances *chances; /* owned */
};

static void plan_probes(struct links *l);

static bool
is_usable(void *arg, const struct config_strings *names)
{
	return links_usable(arg, names) != NULL;
}

struct chance_clock *
links_chance(struct links *l, const struct config_strings *names)
{
	struct chance_clock *c = chances_clock(l->chances, names);

	chances_run(l->chances, is_usable, l);
	return c;
}

/* ---- one link ---- */

const char *
link_evidence_name(enum link_evidence e)
{
	static const char *const names[] = {
	    [LINK_ALWAYS] = "always", [LINK_MANUAL] = "manual", [LINK_TCP] = "tcp"};

	return names[e];
}

static void
tell(struct link *k, enum event e, const char *by)
{
	struct buf line = {0};

	event_line(&line, e, event_text("link", k->name),
	           event_text("evidence", link_evidence_name(k->state.evidence)),
	           event_text("by", by),
	           event_text("words", by == NULL && k->words[0] != '\0' ? k->words : NULL));
	event_log(e, NULL, &line);
	k->owner->calls.note(k->owner->owner, buf_text(&line));
	buf_free(&line);
}

static void
changed(struct link *k, const char *by)
{
	k->since_s = clock_wall_s();
	tell(k, k->state.up ? EVENT_LINK_UP : EVENT_LINK_DOWN, by);
	if (k->state.up) /* dead name servers may answer now, and elsewhere names lead elsewhere */
		resolver_renew(k->owner->resolver);
	chances_run(k->owner->chances, is_usable, k->owner);
	k->owner->calls.changed(k->owner->owner);
}

static void
on_probed(void *owner, bool answered, const char *words)
{
	struct link *k = owner;

	k->probe = NULL;
	snprintf(k->words, sizeof k->words, "%s", answered ? "" : words);
	if (link_state_probe(&k->state, answered, clock_mono_ms()))
		changed(k, NULL);
	plan_probes(k->owner);
}

static void
probe_now(struct link *k)
{
	k->probe =
	    probe_start(k->owner->loop, k->owner->resolver, k->config->probe_host,
	                k->config->probe_port, (unsigned)k->state.pace.timeout_ms, on_probed, k);
	if (k->probe == NULL)
		k->state.probe_due_ms = clock_mono_ms() + k->state.pace.every_ms;
}

/* One timer for all links: set to the first probe that is due. */
static void
on_probing(uv_timer_t *timer)
{
	struct links *l = timer->data;
	int64_t now_ms = clock_mono_ms();
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].probe == NULL && l->v[i].state.probe_due_ms <= now_ms)
			probe_now(&l->v[i]);
	plan_probes(l);
}

static void
plan_probes(struct links *l)
{
	int64_t due_ms = INT64_MAX, now_ms = clock_mono_ms();
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].probe == NULL && l->v[i].state.probe_due_ms < due_ms)
			due_ms = l->v[i].state.probe_due_ms;
	if (due_ms == INT64_MAX)
		uv_timer_stop(l->probing);
	else
		uv_timer_start(l->probing, on_probing,
		               due_ms > now_ms ? (uint64_t)(due_ms - now_ms) : 0, 0);
}

/* ---- all of them ---- */

static void
on_remembering(uv_timer_t *timer)
{
	struct links *l = timer->data;

	chances_remember(l->chances);
}

static uv_timer_t *
new_timer(struct links *l)
{
	uv_timer_t *t = malloc(sizeof *t);

	if (t != NULL) {
		uv_timer_init(l->loop, t);
		t->data = l;
	}
	return t;
}

struct links *
links_new(uv_loop_t *loop, struct resolver *r, const struct links_calls *calls, void *owner)
{
	struct links *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->loop = loop;
	l->resolver = r;
	l->calls = *calls;
	l->owner = owner;
	l->chances = chances_new(calls->remember, owner);
	l->probing = new_timer(l);
	l->remembering = new_timer(l);
	if (l->chances == NULL || l->probing == NULL || l->remembering == NULL) {
		links_free(l);
		return NULL;
	}
	uv_timer_start(l->remembering, on_remembering, REMEMBER_MS, REMEMBER_MS);
	return l;
}

static void
close_links(struct link *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].probe != NULL)
			probe_stop(v[i].probe);
		free(v[i].name);
	}
	free(v);
}

static enum link_order
stored_order(const struct link_facts *facts, const char *name)
{
	char fact[LINK_FACT_NAME];
	struct spool_bytes value = link_facts_get(facts, link_order_fact(name, fact));

	return link_order_of_fact(value.p, value.n);
}

static struct link *
find(const struct links *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, name) == 0)
			return &l->v[i];
	return NULL;
}

static int
init_link(struct links *l, struct link *k, const struct config_link *c,
          const struct link_facts *facts)
{
	enum link_evidence evidence = c != NULL ? c->evidence : LINK_ALWAYS;
	struct link_pace pace = {.every_ms = 60000, .timeout_ms = 10000};
	const struct link *old;

	k->owner = l;
	k->config = c;
	k->name = strdup(c != NULL ? c->name : "always");
	if (k->name == NULL)
		return -1;
	if (evidence == LINK_TCP)
		pace = (struct link_pace){(int64_t)c->probe_every_s * 1000,
		                          (int64_t)c->probe_timeout_s * 1000};
	k->since_s = clock_wall_s();
	old = find(l, k->name);
	/* What a link that we know was ordered may be on its way to the spool only now. */
	link_state_init(&k->state, evidence, pace,
	                old != NULL ? old->state.order : stored_order(facts, k->name),
	                clock_mono_ms());
	if (old != NULL && old->state.evidence == evidence) {
		k->state = old->state;
		k->state.pace = pace;
		k->since_s = old->since_s;
		link_state_doubt(&k->state, clock_mono_ms());
	}
	return 0;
}

static int
learn(struct links *l, const struct config_strings *names, const struct link_facts *facts)
{
	struct buf fact = {0};
	int rc = -1;

	chances_fact(names, &fact);
	if (!fact.bad)
		rc = chances_learn(l->chances, names, link_facts_get(facts, buf_text(&fact)));
	buf_free(&fact);
	return rc;
}

/* The clocks of all that may be asked for. */
static int
learn_all(struct links *l, const struct config *c, const struct link_facts *facts)
{
	static const struct config_strings any;
	size_t i;

	for (i = 0; i < c->nroutes; i++)
		if (learn(l, &c->routes[i].links, facts) != 0)
			return -1;
	return learn(l, &any, facts) != 0 || learn(l, NULL, facts) != 0 ? -1 : 0;
}

int
links_use(struct links *l, const struct config *c, const struct link_facts *facts)
{
	size_t i, n = c->nlinks > 0 ? c->nlinks : 1;
	struct link *v = calloc(n, sizeof *v);

	if (v == NULL || learn_all(l, c, facts) != 0) {
		free(v);
		return -1;
	}
	for (i = 0; i < n; i++)
		if (init_link(l, &v[i], c->nlinks > 0 ? &c->links[i] : NULL, facts) != 0) {
			close_links(v, n);
			return -1;
		}
	close_links(l->v, l->n);
	l->v = v;
	l->n = n;
	chances_run(l->chances, is_usable, l);
	plan_probes(l);
	return 0;
}

void
links_stop(struct links *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].probe != NULL)
			probe_stop(l->v[i].probe);
		l->v[i].probe = NULL;
	}
	uv_timer_stop(l->probing);
	uv_timer_stop(l->remembering);
	chances_run(l->chances, NULL, NULL);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle);
}

void
links_free(struct links *l)
{
	if (l == NULL)
		return;
	close_links(l->v, l->n);
	chances_free(l->chances);
	if (l->probing != NULL)
		uv_close((uv_handle_t *)l->probing, on_closed);
	if (l->remembering != NULL)
		uv_close((uv_handle_t *)l->remembering, on_closed);
	free(l);
}

const char *
links_usable(const struct links *l, const struct config_strings *names)
{
	size_t i, j;

	if (names == NULL)
		return "";
	for (i = 0; i < l->n; i++) {
		if (!l->v[i].state.up)
			continue;
		if (names->n == 0)
			return l->v[i].name;
		for (j = 0; j < names->n; j++)
			if (strcmp(l->v[i].name, names->v[j]) == 0)
				return l->v[i].name;
	}
	return NULL;
}

void
links_doubt(struct links *l, const struct config_strings *names)
{
	size_t i, j;

	for (i = 0; names != NULL && i < l->n; i++) {
		for (j = 0; j < names->n && strcmp(l->v[i].name, names->v[j]) != 0; j++)
			;
		if (names->n == 0 || j < names->n)
			link_state_doubt(&l->v[i].state, clock_mono_ms());
	}
	plan_probes(l);
}

int
links_order(struct links *l, const char *name, enum link_order order, const char *by)
{
	struct link *k = find(l, name);
	const char *value = link_order_name(order);
	char fact[LINK_FACT_NAME];

	if (k == NULL)
		return -1;
	l->calls.remember(
	    l->owner, link_order_fact(name, fact),
	    (struct spool_bytes){value, order == LINK_ORDER_AUTO ? 0 : strlen(value)});
	if (order == LINK_ORDER_AUTO)
		tell(k, EVENT_LINK_AUTO, by);
	if (link_state_order(&k->state, order, clock_mono_ms()))
		changed(k, by);
	return 0;
}

size_t
links_count(const struct links *l)
{
	return l->n;
}

void
links_view(const struct links *l, size_t i, struct links_view *out)
{
	const struct link *k = &l->v[i];

	*out = (struct links_view){
	    .name = k->name,
	    .evidence = k->state.evidence,
	    .order = k->state.order,
	    .up = k->state.up,
	    .since_s = k->since_s,
	    .words = k->words,
	};
}
