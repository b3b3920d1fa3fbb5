/* The inside of a session, for session.c (its life), pump.c (messages) and reach.c (the way to a
 * server). */
#ifndef SMTP_SESSION_INT_H
#define SMTP_SESSION_INT_H

#include "bridge/net/stream.h"
#include "bridge/smtp/secret.h"
#include "bridge/smtp/session.h"

#define SESSION_CONNECT_S 30 /* for one address */
#define SESSION_LINGER_S  5

struct session {
	const struct session_common *common;
	const struct config_route *route;
	const struct session_source *source;
	void *owner;
	char *domain, *bind; /* owned */
	uint16_t port;
	unsigned linger_s;

	uv_timer_t timer; /* the linger; and the turn of the loop before `ended` */
	uv_work_t work;   /* reading the secret */
	struct secret secret;

	/* reach.c */
	size_t host; /* of the route's hosts: the one tried now */
	struct resolve_query *query;
	struct resolve_address *v; /* owned: where to try */
	size_t n, at;
	bool plain;             /* this address once more, without TLS */
	struct verdict trouble; /* why the last try came to nothing */
	struct buf peer;

	/* pump.c */
	struct stream *stream; /* NULL: none open */
	struct client *client;
	unsigned turn;
	bool securing; /* inside the TLS handshake */
	bool pumping, waiting, finishing, over;
	bool cut;                             /* the machine has ended */
	bool working;                         /* the work has not come back */
	bool last;                            /* the final piece is in, its dot not yet said */
	const struct client_message *reading; /* read() of it is unanswered */
	const struct client_message *owed;    /* its done() waits for that answer */
	uint64_t bytes_in, bytes_out;         /* of streams closed */
	struct verdict end;
};

/* reach.c: the next server there is to try; session_talk() or session_over() comes of it. */
void reach_begin(struct session *s);
void reach_next(struct session *s);  /* this address did not do: s->trouble says why */
void reach_again(struct session *s); /* this address once more */
void reach_stop(struct session *s);
void reach_trouble(struct session *s, const struct verdict *v); /* with the peer's name */

/* pump.c */
extern const struct stream_calls session_calls;
int session_talk(struct session *s, const char *host); /* a stream is being opened: the machine */
void session_pump(struct session *s); /* goes on as far as it can; may end the session */
/* The machine ends with these words, now or when the pump that is running stops. */
void session_cut(struct session *s, const char *status, const char *words);

/* session.c */
void session_drop(struct session *s, bool orderly); /* stream and machine; the session goes on */
void session_over(struct session *s, const struct verdict *v);

#endif
