/*
 * Own names off the front of an address, and user%host unfolded where one of
 * them stood before it and nowhere else (RFC 1123 5.2.16).
 *
 * Recipients are judged by what this leaves (resolve.c), and what is written
 * into a letter is read from there (standpoint.c). Were it done in two ways, a
 * form that we wrote could mean something else when it comes back, and be the
 * relay that it was not when it was written.
 */
#include "bridge/route/table.h"

enum own_front
own_front_next(const struct route_table *t, struct addr *a, bool own, struct span *name,
               const char **why)
{
	struct addr unfolded;
	int got;

	*name = addr_first_hop(a);
	if (a->hops > 0) {
		if (!route_is_ours(t, *name))
			return OWN_FRONT_DONE;
		addr_drop_first(a);
		return OWN_FRONT_NAME;
	}
	if (!own || (got = addr_unfold_percent(a, &unfolded, why)) == 0)
		return OWN_FRONT_DONE;
	if (got < 0)
		return OWN_FRONT_UNREADABLE;
	*a = unfolded;
	*name = addr_first_hop(a);
	return OWN_FRONT_PERCENT;
}
