/*
 * What is an address by its grammar and still goes no further, and what is
 * another address once our own name is off its front.
 */
#include "bridge/addr/addr_int.h"

struct span
addr_unwrap(struct span text)
{
	if (text.n >= 2 && text.p[0] == '(' && text.p[text.n - 1] == ')')
		return span_until(span_from(text, 1), text.n - 2);
	return text;
}

bool
addr_is_null_sender(const struct addr *a)
{
	return (a->flags & (ADDR_NULL | ADDR_DAEMON)) != 0;
}

/* A mailbox here that Unix mailers have taken for a file, a pipe or a list in a file. */
static bool
names_a_file(struct span user)
{
	return user.n > 0 &&
	       (memchr("/|.", user.p[0], 3) != NULL || span_starts_nocase(user, ":include:") ||
	        memmem(user.p, user.n, "/.", 2) != NULL);
}

/* Octets of the name itself: what an unquoted % adds is route, not name. */
static size_t
local_length(const struct addr *a)
{
	struct span rest = a->user;

	if ((a->flags & ADDR_QUOTED) != 0)
		return rest.n;
	return span_cut(&rest, '%').n;
}

const char *
addr_refused(const struct addr *a, unsigned licence)
{
	bool alone = a->hops == 0 || (a->hops == 1 && (a->flags & ADDR_AT) != 0);

	if ((a->flags & ADDR_NULL) != 0)
		return (licence & ADDR_MAY_BE_NULL) != 0 ? NULL : "the null path is a sender only";
	if ((a->flags & ADDR_UTF8) != 0 && (licence & ADDR_MAY_BE_UTF8) == 0)
		return "octets above 127 without SMTPUTF8 (RFC 6531)";
	if (a->hops > ADDR_HOPS_WANTED && (licence & ADDR_MAY_BE_LONG) == 0)
		return "more than 64 hops";
	if (local_length(a) > ADDR_LOCAL_MAX && (licence & ADDR_MAY_BE_WIDE) == 0)
		return "a mailbox longer than 64 octets (RFC 5321 4.5.3.1.1)";
	/* older programs behind us would take it for an option */
	if (alone && a->user.n > 0 && a->user.p[0] == '-')
		return "a mailbox that begins with -";
	if (a->hops == 0 && names_a_file(a->user))
		return "a file or a pipe in place of a mailbox";
	return NULL;
}

int
addr_unfold_percent(const struct addr *a, struct addr *out, const char **why)
{
	struct span user = a->user;
	size_t i = user.n;

	if (a->hops > 0 || (a->flags & (ADDR_QUOTED | ADDR_NULL)) != 0)
		return 0;
	while (i > 0 && user.p[i - 1] != '%')
		i--;
	if (i == 0)
		return 0;
	*out = *a;
	out->path = span_from(user, i);
	out->user = span_until(user, i - 1);
	out->hops = 1;
	out->flags |= ADDR_AT;
	*why = addr_hop_fault(out->path);
	if (*why == NULL && out->user.n == 0)
		*why = "no mailbox before the %";
	if (*why == NULL && !addr_is_dot_atom(out->user))
		*why = "a mailbox that is no dot-atom before the %";
	return *why == NULL ? 1 : -1;
}
