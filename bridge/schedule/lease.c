#include "bridge/schedule/lease.h"

#include <pthread.h>
#include <stdlib.h>

/* Chained by message id: the leases of one message are always in one chain. */
struct lease {
	spool_id id;
	uint32_t rcpt;
	struct lease *next; /* owned */
};

#define BUCKETS 1024 /* a power of two; a few hundred leases at most are usual */

struct leases {
	pthread_mutex_t lock;
	struct lease *bucket[BUCKETS];
	size_t n;
};

struct leases *
leases_new(void)
{
	struct leases *l = calloc(1, sizeof *l);

	if (l != NULL)
		pthread_mutex_init(&l->lock, NULL);
	return l;
}

void
leases_free(struct leases *l)
{
	struct lease *e;
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < BUCKETS; i++)
		while ((e = l->bucket[i]) != NULL) {
			l->bucket[i] = e->next;
			free(e);
		}
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static bool
conflicts(const struct lease *e, spool_id id, uint32_t rcpt)
{
	return e->id == id && (e->rcpt == rcpt || e->rcpt == SPOOL_ALL || rcpt == SPOOL_ALL);
}

bool
lease_take(struct leases *l, spool_id id, uint32_t rcpt)
{
	struct lease **head = &l->bucket[id & (BUCKETS - 1)], *e;
	bool taken = false;

	pthread_mutex_lock(&l->lock);
	for (e = *head; e != NULL && !conflicts(e, id, rcpt); e = e->next)
		;
	if (e == NULL && (e = malloc(sizeof *e)) != NULL) {
		*e = (struct lease){id, rcpt, *head};
		*head = e;
		l->n++;
		taken = true;
	}
	pthread_mutex_unlock(&l->lock);
	return taken;
}

void
lease_return(struct leases *l, spool_id id, uint32_t rcpt)
{
	struct lease **at = &l->bucket[id & (BUCKETS - 1)], *e;

	pthread_mutex_lock(&l->lock);
	while ((e = *at) != NULL && (e->id != id || e->rcpt != rcpt))
		at = &e->next;
	if (e != NULL) {
		*at = e->next;
		free(e);
		l->n--;
	}
	pthread_mutex_unlock(&l->lock);
}

size_t
leases_count(struct leases *l)
{
	size_t n;

	pthread_mutex_lock(&l->lock);
	n = l->n;
	pthread_mutex_unlock(&l->lock);
	return n;
}
