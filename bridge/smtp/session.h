/*
 * One SMTP session in the loop: finds the host, connects (all hosts, all
 * addresses, in order), secures, authenticates, and then carries messages over
 * the one connection until its source has no more.
 *
 * Every call into the source comes from the loop or from inside session_ready,
 * session_content and session_abandon; each message given is ended by its
 * verdicts and one `done`; each session by one `ended`, after which the
 * pointer is void. `ended` never comes from inside session_open.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "bridge/net/resolve.h"
#include "bridge/net/tls.h"
#include "bridge/smtp/client.h"

#include <uv.h>

struct session;

enum session_next {
	SESSION_MESSAGE, /* *m is the next one */
	SESSION_WAIT,    /* perhaps soon: session_ready() or session_finish() will be called */
	SESSION_NO_MORE, /* QUIT when all is answered */
};

struct session_source {
	/*
	 * The next message for this server. Called when the server's abilities
	 * are known, so that the content can be rendered for them.
	 */
	enum session_next (*next)(void *owner, struct session *s, const struct client_message **m);
	/*
	 * The next piece of m's content, from its first octet when `restart`.
	 * Answer by one session_content() or session_content_failed(), now or
	 * later; until then neither m's `done` nor `ended` comes.
	 */
	void (*read)(void *owner, struct session *s, const struct client_message *m, bool restart);
	void (*verdict)(void *owner, struct session *s, const struct client_message *m,
	                unsigned rcpt, const struct verdict *v);
	void (*done)(void *owner, struct session *s, const struct client_message *m);
	/*
	 * v: SENT after an orderly QUIT; else LATER or NEVER with SCOPE_SESSION, SCOPE_HOST
	 * (nothing could be tried: it speaks of the whole next hop) or SCOPE_LINK.
	 */
	void (*ended)(void *owner, struct session *s, const struct verdict *v, uint64_t bytes_in,
	              uint64_t bytes_out);
};

/* What all sessions share; borrowed for their lives. */
struct session_common {
	uv_loop_t *loop;
	struct resolver *resolver;
	struct tls_cache *tls;
	const char *hello;        /* our host name */
	struct resolve_self self; /* for MX */
};

struct session_options {
	const struct config_route *route; /* HOP_SMTP or HOP_MX; borrowed for the session's life */
	const char *domain;               /* HOP_MX: whose mail; copied */
	uint16_t port;                    /* HOP_MX: 0 means 25 */
	const char *source;               /* literal address to bind to, "" : any; copied */
	unsigned linger_s; /* after SESSION_WAIT: QUIT when so long nothing came; 0: 5 s */
};

/* NULL: out of memory. Everything else that goes wrong comes as `ended`. */
struct session *session_open(const struct session_common *common, const struct session_options *o,
                             const struct session_source *source, void *owner);

void session_ready(struct session *s); /* after SESSION_WAIT: ask next() again */
/* Answers read(): n octets, 0 only with `last`. The octets are copied. */
void session_content(struct session *s, const void *p, size_t n, bool last);
/* Answers read(): it cannot be had (damaged, deleted): v for its unsettled recipients. */
void session_content_failed(struct session *s, const struct verdict *v);

void session_finish(struct session *s);                     /* QUIT after the message in hand */
void session_abandon(struct session *s, const char *words); /* now: the rest is LATER */

const struct client_abilities *session_abilities(const struct session *s);
const char *session_peer(const struct session *s); /* "mx.example 192.0.2.1:25", "" before */
const char *session_tls(const struct session *s);  /* "TLSv1.3", "" in clear */

#endif
