/*
 * Are we among a domain's mail hosts? Mail must not go to ourselves, nor to a
 * host that is not preferred to us: that one would hand it back to us (RFC 5321
 * section 5.1).
 *
 * We know ourselves by name and, since many names lead here, by address: those
 * we were told, and those of the interfaces, which change while we run and are
 * therefore asked for with every answer.
 */
#include "bridge/net/resolve_int.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>

static bool
is_our_name(const struct resolve_self *self, const char *name)
{
	char ours[RESOLVE_NAME];
	size_t i;

	for (i = 0; self->names != NULL && i < self->names->n; i++) {
		resolve_name(self->names->v[i], ours);
		if (strcasecmp(ours, name) == 0)
			return true;
	}
	return false;
}

static bool
same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET6)
		return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
		              &((const struct sockaddr_in6 *)b)->sin6_addr, 16) == 0;
	return memcmp(&((const struct sockaddr_in *)a)->sin_addr,
	              &((const struct sockaddr_in *)b)->sin_addr, 4) == 0;
}

/* All of 127/8 and 0/8 leads here, whatever the loopback interface is called by. */
static bool
is_loopback(const struct sockaddr_storage *a)
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)a)->sin6_addr;
	uint32_t four = ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24;

	if (a->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(six) || IN6_IS_ADDR_UNSPECIFIED(six);
	return four == 127 || four == 0;
}

static bool
is_told_address(const struct resolve_self *self, const struct sockaddr_storage *a)
{
	struct sockaddr_storage ours;
	char text[RESOLVE_NAME];
	size_t i;

	for (i = 0; self->addresses != NULL && i < self->addresses->n; i++) {
		resolve_name(self->addresses->v[i], text);
		if (resolve_literal(text, &ours) && same_address(&ours, a))
			return true;
	}
	return false;
}

struct interfaces {
	uv_interface_address_t *v;
	int n;
};

static bool
is_interface(const struct interfaces *all, const struct sockaddr_storage *a)
{
	struct sockaddr_storage ours;
	int i;

	for (i = 0; i < all->n; i++) {
		memset(&ours, 0, sizeof ours);
		memcpy(&ours, &all->v[i].address, sizeof all->v[i].address);
		if (same_address(&ours, a))
			return true;
	}
	return is_loopback(a);
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

void
query_cut_at_our_name(struct resolve_query *q)
{
	unsigned i, ours = UINT32_MAX;

	for (i = 0; q->self != NULL && i < q->nhosts; i++)
		if (is_our_name(q->self, q->hosts[i].name))
			ours = least(ours, q->hosts[i].preference);
	for (i = 0; i < q->nhosts && q->hosts[i].preference < ours; i++)
		;
	q->looped |= i < q->nhosts;
	q->nhosts = i;
}

static unsigned
preference_of(const struct resolve_query *q, const struct resolve_found *f)
{
	return q->hosts[f->host].preference;
}

/* The preference of the best address that is ours; UINT32_MAX: none is. */
static unsigned
our_preference(const struct resolve_query *q)
{
	struct interfaces all = {NULL, 0};
	unsigned i, ours = UINT32_MAX;

	if (q->self->interfaces && uv_interface_addresses(&all.v, &all.n) != 0)
		all.n = 0;
	for (i = 0; i < q->nfound; i++)
		if (is_told_address(q->self, &q->found[i].addr) ||
		    (q->self->interfaces && is_interface(&all, &q->found[i].addr)))
			ours = least(ours, preference_of(q, &q->found[i]));
	if (all.n > 0)
		uv_free_interface_addresses(all.v, all.n);
	return ours;
}

void
query_cut_at_our_address(struct resolve_query *q)
{
	unsigned ours = q->self != NULL ? our_preference(q) : UINT32_MAX, i, kept = 0;

	for (i = 0; i < q->nfound; i++)
		if (preference_of(q, &q->found[i]) < ours)
			q->found[kept++] = q->found[i];
	q->looped |= kept < q->nfound;
	q->nfound = kept;
}
