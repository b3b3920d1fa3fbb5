#include "bridge/schedule/parcel.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/route/rewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DESTINATION_CUT 319 /* the spool cuts and hashes longer names: they are not compared */

struct parcel *
parcel_new(struct spool *s, struct setup *setup, spool_id id)
{
	struct parcel *p = calloc(1, sizeof *p);
	struct span record;

	if (p == NULL || spool_message_get(s, id, &p->m) != 0) {
		free(p);
		return NULL;
	}
	p->setup = setup_hold(setup);
	p->spool = s;
	record = (struct span){p->m.attributes.n > 0 ? p->m.attributes.p : "", p->m.attributes.n};
	message_attrs_decode(record, &p->attrs);
	message_attrs_ask(&p->attrs, p->m.accepted_s, &p->ask_store, &p->ask);
	return p;
}

static void
free_addressee(struct addressee *a)
{
	spool_delivery_free(&a->d);
	buf_free(&a->address);
	buf_free(&a->path);
	buf_free(&a->redirect);
}

void
parcel_shed(struct parcel *p)
{
	render_free(p->render);
	p->render = NULL;
	spool_content_close(p->content);
	p->content = NULL;
	buf_free(&p->octets);
	p->whole = false;
}

void
parcel_free(struct parcel *p)
{
	size_t i;

	if (p == NULL)
		return;
	parcel_shed(p);
	for (i = 0; i < p->n; i++)
		free_addressee(&p->to[i]);
	free(p->to);
	free(p->cr);
	free(p->open);
	buf_free(&p->remarks);
	buf_free(&p->tokens);
	buf_free(&p->ask_store);
	buf_free(&p->sender);
	spool_message_free(&p->m);
	setup_release(p->setup);
	free(p);
}

static int
make_room(struct parcel *p)
{
	size_t room = p->room == 0 ? 1 : p->room * 2;
	struct addressee *to;

	if (p->n < p->room)
		return 0;
	to = realloc(p->to, room * sizeof *to);
	if (to == NULL)
		return -1;
	p->to = to;
	p->room = room;
	return 0;
}

static bool
is_open(const struct addressee *a)
{
	return !a->decided && !a->warn && a->redirect.n == 0;
}

bool
parcel_is_open(const struct parcel *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_open(&p->to[i]))
			return true;
	return false;
}

static void
decide(struct addressee *a, const struct verdict *v)
{
	a->verdict = *v;
	a->decided = true;
}

void
parcel_decide(struct parcel *p, const struct verdict *v)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_open(&p->to[i]))
			decide(&p->to[i], v);
}

/* What `bangwayd -v` says more. */
static void
say_route(const struct parcel *p, const struct addressee *a, const struct route_answer *r)
{
	struct buf line = {0};
	char id[SPOOL_ID_TEXT];

	if (!log_says(LEVEL_DEBUG))
		return;
	event_line(&line, EVENT_ROUTED, event_text("to", a->d.recipient),
	           event_text("as", buf_text(&r->address)),
	           event_text("destination", buf_text(&r->destination)),
	           event_text("words", r->verdict.words));
	event_log(EVENT_ROUTED, spool_id_text(p->m.id, id), &line);
	buf_free(&line);
}

static void
address(struct parcel *p, struct addressee *a, const char *destination)
{
	const struct route_ask ask = recipient_attrs_ask(&a->attrs, &p->ask);
	struct route_answer r = {0};
	struct verdict v;

	if (route_find(p->setup->table, span_of(a->d.recipient), &ask, &r) != 0) {
		verdict_set(&v, OUTCOME_LATER, SCOPE_SESSION, 0, "4.3.0", "out of memory");
		decide(a, &v);
	} else if (r.destination.n < DESTINATION_CUT &&
	           strcmp(buf_text(&r.destination), destination) != 0) {
		buf_span(&a->redirect, buf_view(&r.destination));
	} else if (r.verdict.outcome != OUTCOME_SENT) {
		decide(a, &r.verdict);
	} else {
		buf_span(&a->address, buf_view(&r.address));
		buf_span(&a->path, buf_view(&r.path));
		a->path_fixed = r.path_fixed;
		p->srs |= r.rule != NULL && r.rule->srs;
	}
	say_route(p, a, &r);
	route_answer_free(&r);
}

int
parcel_add(struct parcel *p, uint32_t rcpt, const char *destination, int64_t now_s)
{
	struct addressee *a;

	if (make_room(p) != 0)
		return -1;
	a = &p->to[p->n];
	memset(a, 0, sizeof *a);
	if (spool_delivery_get(p->spool, p->m.id, rcpt, &a->d) != 0)
		return -1;
	if (a->d.state != SPOOL_QUEUED || !retry_is_due(&p->setup->retry, a->d.due_s, now_s)) {
		spool_delivery_free(&a->d);
		return -1;
	}
	recipient_attrs_decode(
	    (struct span){a->d.attributes.n > 0 ? a->d.attributes.p : "", a->d.attributes.n},
	    &a->attrs);
	if (destination != NULL)
		address(p, a, destination);
	p->n++;
	return 0;
}

int
parcel_open(struct parcel *p)
{
	if (p->content != NULL)
		return 0;
	if (spool_content_open(p->spool, p->m.id, &p->content, &p->size) == 0)
		return 0;
	p->damaged = spool_status(p->spool) == SPOOL_DAMAGED;
	return -1;
}

static int
read_content(void *arg, uint64_t offset, void *to, size_t room, size_t *n)
{
	struct parcel *p = arg;

	return spool_content_read(p->content, offset, to, room, n);
}

static void
keep_whole(struct parcel *p)
{
	struct verdict v;
	size_t n = 1;

	while (n > 0) {
		if (buf_room(&p->octets, 16384) != 0) {
			verdict_set(&v, OUTCOME_LATER, SCOPE_SESSION, 0, "4.3.0", "out of memory");
			parcel_decide(p, &v);
			return;
		}
		if (render_read(p->render, p->octets.p + p->octets.n, 16384, &n, &v) != 0) {
			parcel_decide(p, &v);
			return;
		}
		p->octets.n += n;
	}
	p->octets.p[p->octets.n] = '\0';
	p->whole = true;
	render_free(p->render);
	p->render = NULL;
}

void
parcel_render(struct parcel *p, const struct parcel_form *form, uint64_t whole_bytes)
{
	struct render_job job = {
	    .table = p->setup->table,
	    .sender = p->m.sender,
	    .attrs = &p->attrs,
	    .id = p->m.id,
	    .accepted_s = p->m.accepted_s,
	    .now_s = clock_wall_s(),
	    .tokens = &p->tokens,
	    .size = p->size,
	    .read = read_content,
	    .arg = p,
	    .maildir = form->maildir,
	    .eightbit = form->eightbit,
	    .utf8 = form->utf8,
	};
	struct verdict v;

	memcpy(job.uuid, p->m.uuid, sizeof job.uuid);
	if (render_new(&p->render, &job, &v) != 0) {
		parcel_decide(p, &v);
		return;
	}
	buf_clear(&p->remarks); /* for people: without memory there are none */
	buf_fmt(&p->remarks, "%.1000s", render_remarks(p->render));
	p->cm.size_bytes = render_size(p->render);
	p->cm.eightbit = render_is_eightbit(p->render);
	p->cm.smtputf8 = form->utf8 && render_needs_utf8(p->render);
	if (p->size <= whole_bytes)
		keep_whole(p);
}

static bool
has_8bit(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

static void
make_recipient(struct parcel *p, struct addressee *a, struct client_recipient *r)
{
	*r = (struct client_recipient){
	    .path = buf_text(&a->address),
	    .notify = a->attrs.notify,
	    .orcpt = a->attrs.orcpt,
	};
	p->cm.smtputf8 |= has_8bit(buf_view(&a->address));
}

/* With a list of tokens of its own: a header that filled one must not take it the sender's. */
static int
make_sender(struct parcel *p)
{
	struct buf tokens = {0};
	const struct rewrite w = {.table = p->setup->table,
	                          .ask = &p->ask,
	                          .now_s = clock_wall_s(),
	                          .srs = p->srs,
	                          .tokens = &tokens};
	const char *why = NULL;
	int rc = rewrite_sender(&w, span_of(p->m.sender), &p->sender, NULL, &why);

	buf_span(&p->tokens, buf_view(&tokens));
	buf_free(&tokens);
	return rc < 0 || p->tokens.bad ? -1 : 0;
}

int
parcel_make_message(struct parcel *p)
{
	size_t i;

	if (make_sender(p) != 0)
		return -1;
	p->cr = calloc(p->n + 1, sizeof *p->cr);
	p->open = calloc(p->n + 1, sizeof *p->open);
	if (p->cr == NULL || p->open == NULL)
		return -1;
	for (i = 0; i < p->n; i++)
		if (is_open(&p->to[i])) {
			p->open[p->cm.nrecipients] = i;
			make_recipient(p, &p->to[i], &p->cr[p->cm.nrecipients++]);
		}
	p->cm.smtputf8 |= has_8bit(buf_view(&p->sender));
	p->cm.reverse_path = buf_text(&p->sender);
	p->cm.recipients = p->cr;
	p->cm.ret = p->attrs.ret;
	p->cm.envid = p->attrs.envid;
	p->cm.owner = p;
	return 0;
}

struct addressee *
parcel_addressee(struct parcel *p, unsigned i)
{
	return &p->to[p->open[i]];
}
