/*
 * Next hops. Two destinations share one when mail for both can go over the
 * same connection: same hosts or domain, same TLS, same credentials, same
 * links. The text of all that is its key, so that a new configuration finds
 * again those that stayed what they were, with their sessions and backoffs.
 */
#include "bridge/schedule/schedule_int.h"

#include "bridge/link/links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct config_strings any_link;

static void
describe_rule(const struct config_route *r, struct buf *out)
{
	size_t i;

	if (r == NULL)
		return;
	buf_fmt(out, " tls=%d,%d ca=%s auth=%s,%s,%d", (int)r->tls, r->tls_implicit, r->ca_file,
	        r->auth_file, r->auth_mechanisms, r->auth_plain_in_clear);
	for (i = 0; i < r->links.n; i++)
		buf_fmt(out, " link=%s", r->links.v[i]);
}

static const struct config_strings *
links_of(const struct route_answer *a)
{
	if (a->hop != HOP_SMTP && a->hop != HOP_MX)
		return NULL;
	return a->rule != NULL ? &a->rule->links : &any_link;
}

static void
take_answer(struct hop *h, struct setup *setup, const struct route_answer *a)
{
	struct setup *old = h->setup;

	h->setup = setup_hold(setup);
	h->kind = a->hop;
	h->rule = a->rule;
	h->links = links_of(a);
	h->clock = links_chance(h->s->parts.links, h->links);
	if (a->hop == HOP_REJECT)
		hop_refuse(h, &a->verdict);
	if (a->hop == HOP_UUCP)
		hop_set_words(h, a->verdict.words);
	setup_release(old);
}

/* FNV-1a: keys are short, and from our own configuration and from DNS names. */
static struct hop **
bucket_of(struct schedule *s, const char *key)
{
	uint32_t hash = 2166136261u;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	return &s->hop_bucket[hash % HOP_BUCKETS];
}

static struct hop *
find(struct schedule *s, const char *key)
{
	struct hop *h = *bucket_of(s, key);

	while (h != NULL && strcmp(h->key, key) != 0)
		h = h->of_hash;
	return h;
}

static void
free_hop(struct hop *h)
{
	setup_release(h->setup);
	free(h->refusal);
	free(h->words);
	free(h->suspects);
	free(h);
}

/* Its texts in one piece with it: there may be a next hop for every domain that has mail. */
static struct hop *
new_hop(const char *key, const char *name, const char *domain)
{
	size_t key_n = strlen(key) + 1, name_n = strlen(name) + 1, domain_n = strlen(domain) + 1;
	struct hop *h = calloc(1, sizeof *h + key_n + name_n + domain_n);

	if (h == NULL)
		return NULL;
	h->key = memcpy(h->text, key, key_n);
	h->name = memcpy(h->text + key_n, name, name_n);
	h->domain = memcpy(h->text + key_n + name_n, domain, domain_n);
	return h;
}

static struct hop *
add(struct schedule *s, const char *key, const char *name, const char *domain)
{
	struct hop *h = new_hop(key, name, domain), **bucket;

	if (h == NULL)
		return NULL;
	h->s = s;
	TAILQ_INSERT_TAIL(&s->hops, h, of_schedule);
	bucket = bucket_of(s, key);
	h->of_hash = *bucket;
	*bucket = h;
	return h;
}

struct hop *
hop_of(struct schedule *s, struct setup *setup, const char *destination)
{
	struct route_answer a = {0};
	struct buf key = {0};
	struct hop *h = NULL;
	char name[120];

	if (route_of_destination(setup->table, span_of(destination), &a) == 0) {
		route_hop_name(&a, span_of(destination), &key);
		snprintf(name, sizeof name, "%s", buf_text(&key));
		describe_rule(a.rule, &key);
		if (!key.bad && (h = find(s, buf_text(&key))) == NULL)
			h = add(s, buf_text(&key), name, buf_text(&a.domain));
		if (h != NULL && h->setup != setup)
			take_answer(h, setup, &a);
		if (h != NULL && h->clock == NULL) {
			hop_tidy(h);
			h = NULL;
		}
	}
	route_answer_free(&a);
	buf_free(&key);
	return h;
}

void
hop_tidy(struct hop *h)
{
	struct hop **at = bucket_of(h->s, h->key);

	if (h->n > 0 || h->sessions > 0 || h->batches > 0 || h->holds > 0)
		return;
	while (*at != h)
		at = &(*at)->of_hash;
	*at = h->of_hash;
	TAILQ_REMOVE(&h->s->hops, h, of_schedule);
	free_hop(h);
}

void
hop_hold(struct hop *h)
{
	h->holds++;
}

void
hop_release(struct hop *h)
{
	h->holds--;
	hop_tidy(h);
}

void
hops_free(struct schedule *s)
{
	struct hop *h;

	while ((h = TAILQ_FIRST(&s->hops)) != NULL) {
		TAILQ_REMOVE(&s->hops, h, of_schedule);
		free_hop(h);
	}
}
