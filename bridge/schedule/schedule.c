#include "bridge/schedule/schedule_int.h"

#include "bridge/base/clock.h"
#include "bridge/base/log.h"

#include <stdlib.h>

#define TIMER_MOST_MS 600000 /* wall clocks jump: what is due is looked at again so often */

/* ---- the timer: something is due ---- */

static void
on_timer(uv_timer_t *timer)
{
	struct schedule *s = timer->data;
	int64_t now_s = clock_wall_s();
	struct destination *d;
	size_t i;

	s->timer_ms = INT64_MAX;
	for (i = 0; i < s->ndest; i++) {
		d = s->dest[i];
		if (retry_is_due(&s->setup->retry, d->due_s, now_s)) {
			d->due_s = INT64_MAX;
			destination_news(d);
		} else if (d->due_s != INT64_MAX)
			schedule_plan(s, clock_mono_ms() + (d->due_s - now_s) * 1000);
	}
	carry_rest(s);
	hops_go(s); /* which plans the ends of backoffs */
	if (s->look_again)
		look_start(s, s->look_whole);
}

void
schedule_plan(struct schedule *s, int64_t mono_ms)
{
	int64_t now_ms = clock_mono_ms(), wait_ms = mono_ms - now_ms;

	if (mono_ms >= s->timer_ms || s->stopping)
		return;
	if (wait_ms > TIMER_MOST_MS)
		wait_ms = TIMER_MOST_MS;
	if (wait_ms < 0)
		wait_ms = 0;
	s->timer_ms = now_ms + wait_ms;
	uv_timer_start(s->timer, on_timer, (uint64_t)wait_ms, 0);
}

void
schedule_trouble(struct schedule *s, enum spool_status st, const char *words)
{
	log_line(LEVEL_ERROR, "the spool could not be read: %s", words);
	if (st == SPOOL_SYSTEM || st == SPOOL_DAMAGED) {
		s->calls.failed(s->owner, words);
		return;
	}
	s->look_again = s->look_whole = true;
	schedule_plan(s, clock_mono_ms() + PAUSE_MS);
}

bool
schedule_is_crowded(struct schedule *s)
{
	bool crowded = s->settler.under_way > UNSETTLED_MOST;

	s->crowded |= crowded;
	return crowded;
}

/* ---- what the settler says ---- */

static void
on_through(void *owner, const struct parcel *p, const struct addressee *a, int64_t due_s)
{
	struct schedule *s = owner;
	struct destination *d = destination_find(s, a->d.dest);

	(void)p;
	if (d == NULL)
		return;
	if (d->leased > 0)
		destination_lease(d, -1);
	if (due_s > 0)
		destination_rest(d, due_s);
	if (d->ready)
		hop_go(d->hop);
	if (s->crowded && s->settler.under_way < UNSETTLED_MOST / 2) {
		s->crowded = false;
		carry_wake(s);
	}
	schedule_check_stopped(s);
}

static void
on_accepted(void *owner, bool moved)
{
	look_start(owner, moved);
}

static void
on_kept(void *owner, size_t bytes)
{
	token_forget_kept(owner, bytes);
}

/* ---- start, configuration ---- */

static uv_timer_t *
new_timer(struct schedule *s)
{
	uv_timer_t *t = malloc(sizeof *t);

	if (t != NULL) {
		uv_timer_init(s->parts.loop, t);
		t->data = s;
	}
	return t;
}

struct schedule *
schedule_new(const struct schedule_parts *parts, const struct schedule_calls *calls, void *owner)
{
	struct schedule *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->parts = *parts;
	s->calls = *calls;
	s->owner = owner;
	s->timer_ms = INT64_MAX;
	TAILQ_INIT(&s->hops);
	TAILQ_INIT(&s->changes);
	LIST_INIT(&s->carriers);
	s->leases = leases_new();
	s->common.loop = parts->loop;
	s->common.resolver = parts->resolver;
	s->common.tls = tls_cache_new();
	s->settler = (struct settler){.loop = parts->loop,
	                              .spool = parts->spool,
	                              .writer = parts->writer,
	                              .leases = s->leases,
	                              .through = on_through,
	                              .accepted = on_accepted,
	                              .kept = on_kept,
	                              .owner = s};
	s->timer = new_timer(s);
	s->change_timer = new_timer(s);
	s->patrol_timer = new_timer(s);
	s->stop_timer = new_timer(s);
	if (s->leases == NULL || s->common.tls == NULL || s->timer == NULL ||
	    s->change_timer == NULL || s->patrol_timer == NULL || s->stop_timer == NULL) {
		schedule_free(s);
		return NULL;
	}
	return s;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle);
}

static void
close_timer(uv_timer_t *t)
{
	if (t != NULL)
		uv_close((uv_handle_t *)t, on_closed);
}

void
schedule_free(struct schedule *s)
{
	if (s == NULL)
		return;
	destinations_free(s);
	hops_free(s);
	tls_cache_free(s->common.tls);
	leases_free(s->leases);
	close_timer(s->timer);
	close_timer(s->change_timer);
	close_timer(s->patrol_timer);
	close_timer(s->stop_timer);
	free(s->self_names.v);
	setup_release(s->setup);
	free(s);
}

/* Who we are, for MX: the host name, the domains that end here, this machine's addresses. */
static int
name_ourselves(struct schedule *s, const struct config *c)
{
	const char **v = calloc(c->domains.n + 1, sizeof *v);
	size_t i;

	if (v == NULL)
		return -1;
	v[0] = c->hostname;
	for (i = 0; i < c->domains.n; i++)
		v[i + 1] = c->domains.v[i];
	free(s->self_names.v);
	s->self_names = (struct config_strings){v, c->domains.n + 1};
	s->common.self = (struct resolve_self){.names = &s->self_names, .interfaces = true};
	s->common.hello = c->hostname;
	return 0;
}

int
schedule_use(struct schedule *s, struct setup *setup)
{
	struct setup *old = s->setup;

	if (destinations_route(s, setup) != 0 || name_ourselves(s, setup->config) != 0)
		return -1;
	s->setup = setup_hold(setup);
	setup_release(old);
	carry_check(s);
	if (!s->ready)
		look_start(s, true);
	hops_go(s);
	token_forget_start(s);
	patrol_start(s);
	return 0;
}

void
schedule_wake(struct schedule *s)
{
	look_start(s, false);
}

void
schedule_links_changed(struct schedule *s)
{
	if (s->setup == NULL)
		return;
	carry_check(s);
	hops_go(s);
}

/* ---- the end ---- */

static void
on_stopped(uv_timer_t *timer)
{
	struct schedule *s = timer->data;

	s->calls.stopped(s->owner);
}

/* From the timer: whoever called us may still need what `stopped` frees. */
void
schedule_check_stopped(struct schedule *s)
{
	if (!s->stopping || s->stopped || s->sessions > 0 || s->jobs > 0 ||
	    s->settler.under_way > 0)
		return;
	s->stopped = true;
	uv_timer_start(s->stop_timer, on_stopped, 0, 0);
}

static void
on_impatient(uv_timer_t *timer)
{
	schedule_abandon(timer->data);
}

void
schedule_stop(struct schedule *s, unsigned patience_ms)
{
	if (s->stopping)
		return;
	s->stopping = true;
	uv_timer_stop(s->timer);
	uv_timer_stop(s->change_timer);
	uv_timer_stop(s->patrol_timer);
	uv_timer_start(s->stop_timer, on_impatient, patience_ms, 0);
	changes_refuse(s);
	carry_finish(s);
	schedule_check_stopped(s);
}

void
schedule_abandon(struct schedule *s)
{
	carry_abandon(s, "the daemon is being stopped");
}

/* ---- as it is shown ---- */

size_t
schedule_under_way(const struct schedule *s)
{
	return leases_count(s->leases);
}

static void
show(const struct hop *h, schedule_see *see, void *arg)
{
	int64_t left_ms = h->again_ms - clock_mono_ms();
	struct schedule_view v = {.name = h->name,
	                          .links = h->links,
	                          .destinations = h->n,
	                          .sessions = h->sessions,
	                          .under_way = h->leased,
	                          .wait = "",
	                          .words = h->words != NULL ? h->words : "",
	                          .failures = h->failures};

	if (h->ready == 0) {
		; /* nothing waits but for its own time */
	} else if (h->kind == HOP_UUCP) {
		v.wait = "carrier";
	} else if (links_usable(h->s->parts.links, h->links) == NULL) {
		v.wait = "link";
	} else if (left_ms > 0) {
		v.wait = "backoff";
		v.until_s = clock_wall_s() + left_ms / 1000;
	}
	see(arg, &v);
}

void
schedule_look(const struct schedule *s, schedule_see *see, void *arg)
{
	const struct hop *h;

	TAILQ_FOREACH(h, &s->hops, of_schedule) {
		show(h, see, arg);
	}
}
