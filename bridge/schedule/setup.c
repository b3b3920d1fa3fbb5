#include "bridge/schedule/setup.h"

#include <stdlib.h>

struct setup *
setup_new(struct config *c, struct config_faults *faults)
{
	struct setup *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->table = route_table_new(c);
	if (s->table == NULL || route_table_read(s->table, ROUTE_FILES, faults) != 0) {
		route_table_free(s->table);
		free(s);
		return NULL;
	}
	route_check_circles(s->table, faults);
	s->config = c;
	s->retry = (struct retry_limits){
	    .backoff_min_s = c->retry.backoff_min_s,
	    .backoff_max_s = c->retry.backoff_max_s,
	    .lifetime_s = c->retry.lifetime_s,
	    .lifetime_absolute_s = c->retry.lifetime_absolute_s,
	    .warn_after_s = c->retry.warn_after_s,
	};
	atomic_init(&s->holders, 1);
	return s;
}

struct setup *
setup_hold(struct setup *s)
{
	atomic_fetch_add(&s->holders, 1);
	return s;
}

void
setup_release(struct setup *s)
{
	if (s == NULL || atomic_fetch_sub(&s->holders, 1) != 1)
		return;
	route_table_free(s->table);
	config_free(s->config);
	free(s);
}
