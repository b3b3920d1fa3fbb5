#include "bridge/link/facts.h"

#include "bridge/link/chances.h"
#include "bridge/link/order.h"

#include <stdlib.h>
#include <string.h>

struct fact {
	char *name; /* owned */
	unsigned char value[CHANCE_BYTES];
	size_t n;
};

struct link_facts {
	struct fact *v; /* owned */
	size_t n;
};

void
link_facts_free(struct link_facts *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->n; i++)
		free(f->v[i].name);
	free(f->v);
	free(f);
}

static const struct fact *
find(const struct link_facts *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (strcmp(f->v[i].name, name) == 0)
			return &f->v[i];
	return NULL;
}

struct spool_bytes
link_facts_get(const struct link_facts *f, const char *name)
{
	const struct fact *k = find(f, name);

	return k != NULL ? (struct spool_bytes){k->value, k->n} : (struct spool_bytes){"", 0};
}

/* f has room. */
static int
read_fact(struct link_facts *f, struct spool *s, const char *name)
{
	struct fact *k = &f->v[f->n];

	if (find(f, name) != NULL)
		return 0;
	if (spool_fact_get(s, name, k->value, sizeof k->value, &k->n) != 0) {
		if (spool_status(s) != SPOOL_NONE)
			return -1;
		k->n = 0;
	}
	if (k->n > sizeof k->value) /* nothing that we wrote */
		k->n = 0;
	k->name = strdup(name);
	if (k->name == NULL)
		return -1;
	f->n++;
	return 0;
}

static int
read_chance(struct link_facts *f, struct spool *s, const struct config_strings *names)
{
	struct buf fact = {0};
	int rc;

	chances_fact(names, &fact);
	rc = fact.bad ? -1 : read_fact(f, s, buf_text(&fact));
	buf_free(&fact);
	return rc;
}

static int
read_all(struct link_facts *f, struct spool *s, const struct config *c)
{
	static const struct config_strings any;
	char name[LINK_FACT_NAME];
	size_t i;

	for (i = 0; i < c->nlinks; i++)
		if (read_fact(f, s, link_order_fact(c->links[i].name, name)) != 0)
			return -1;
	for (i = 0; i < c->nroutes; i++)
		if (read_chance(f, s, &c->routes[i].links) != 0)
			return -1;
	if (read_fact(f, s, link_order_fact("always", name)) != 0)
		return -1;
	return read_chance(f, s, &any) != 0 || read_chance(f, s, NULL) != 0 ? -1 : 0;
}

struct link_facts *
link_facts_read(struct spool *s, const struct config *c)
{
	struct link_facts *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->v = calloc(c->nlinks + c->nroutes + 3, sizeof *f->v);
	if (f->v != NULL && read_all(f, s, c) == 0)
		return f;
	link_facts_free(f);
	return NULL;
}
