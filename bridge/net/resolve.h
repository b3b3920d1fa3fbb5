/*
 * Which addresses a name has, which hosts take a domain's mail.
 *
 * libunbound in the loop, with a thread of its own: the loop never waits for a
 * name server. Its context is made for the first question that needs one
 * (a literal address needs none) and must not be used after a fork. /etc/hosts
 * and "localhost" are honoured. A name that does not exist is NEVER, a server
 * that cannot say is LATER: the two are never mixed up, since one returns mail.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "bridge/base/config.h"
#include "bridge/base/verdict.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

struct resolver;
struct resolve_query;

#define RESOLVE_NAME      256 /* a domain name in text with its NUL */
#define RESOLVE_HOSTS     20  /* MX hosts looked at; the rest, less preferred, are left */
#define RESOLVE_ADDRESSES 64  /* of one answer */
#define RESOLVE_TIMEOUT_S 30  /* for a whole question, all its CNAMEs and hosts */

struct resolve_address {
	char host[RESOLVE_NAME]; /* the name it stands for: what a certificate is checked against */
	uint16_t preference;     /* of the MX, 0 otherwise */
	struct sockaddr_storage addr; /* port 0 */
};

struct resolve_answer {
	/* OUTCOME_SENT: there is at least one address; else what to tell, with scope */
	struct verdict verdict;
	const struct resolve_address *v; /* in the order to try; borrowed for the call */
	size_t n;
};

/* Who we are, for mail that must not come back to us (RFC 5321 section 5.1). Borrowed. */
struct resolve_self {
	const struct config_strings *names;     /* host names that are us; NULL: none */
	const struct config_strings *addresses; /* literal addresses that are us; NULL: none */
	bool interfaces; /* and all addresses of this machine, as they are when asked */
};

typedef void resolve_done(void *owner, const struct resolve_answer *answer);

/* servers: "ADDRESS" or "ADDRESS@PORT", copied; none: those of /etc/resolv.conf. NULL: no memory */
struct resolver *resolver_new(uv_loop_t *loop, const struct config_strings *servers);
/* Open questions are cancelled, their callbacks not called. Its handles close in the loop. */
void resolver_free(struct resolver *r);
/* The network changed: forgets answers and which servers were dead. Open questions go on. */
void resolver_renew(struct resolver *r);

/*
 * All addresses of a host, AAAA before A; a literal (with or without brackets)
 * is its own answer. The callback comes from the loop, always, once, unless
 * cancelled. NULL: out of memory.
 */
struct resolve_query *resolve_host(struct resolver *r, const char *host, resolve_done *done,
                                   void *owner);

/*
 * Where a domain's mail goes: its MX hosts by preference (equals in random
 * order) with their addresses; the domain itself when it has no MX; nobody
 * when it says so (RFC 7505, 5.1.10). Ourselves and whoever is not preferred
 * to us are left out; if that leaves nobody, NEVER 5.4.6. "[192.0.2.1]" is a literal.
 */
struct resolve_query *resolve_mx(struct resolver *r, const char *domain,
                                 const struct resolve_self *self, resolve_done *done, void *owner);
void resolve_cancel(struct resolve_query *q);

#endif
