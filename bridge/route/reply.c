#include "bridge/route/reply.h"
#include "bridge/route/table.h"

bool
reply_tokens_next(struct span *rest, struct span *token, struct span *address)
{
	if (rest->n == 0)
		return false;
	*token = span_cut(rest, '\0');
	*address = span_cut(rest, '\0');
	return true;
}

int
reply_resolve(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
              struct route_steps *steps)
{
	(void)t;
	(void)r;
	(void)ask;
	(void)steps;
	return 1;
}
