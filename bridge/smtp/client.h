/*
 * The client's side of the SMTP dialogue, without any I/O: octets in, octets
 * out, verdicts out. client.c holds the table of states and the two cursors.
 *
 * Whatever the server says or leaves unsaid, every recipient of every message
 * given to the machine gets exactly one verdict, and SENT only after a 2yz to
 * the final dot heard after that dot was said.
 */
#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H

#include "bridge/base/config.h"
#include "bridge/base/verdict.h"
#include "bridge/message/attrs.h"

#include <stdbool.h>
#include <stdint.h>

struct client;

struct client_recipient {
	const char *path;  /* forward-path as the server shall see it, without <> */
	unsigned notify;   /* enum dsn_notify; 0: unsaid */
	struct span orcpt; /* "rfc822;piet@cwi.example", not yet xtext; n 0: not given */
};

struct client_message {           /* all borrowed until client_calls.done */
	const char *reverse_path; /* without <>; "" is the null sender */
	const struct client_recipient *recipients;
	unsigned nrecipients; /* at least 1 */
	uint64_t size_bytes;  /* of the content as it will be sent, or somewhat more; 0: unknown */
	bool eightbit;        /* the content has octets above 127: asks for BODY=8BITMIME */
	bool smtputf8;        /* addresses or header need RFC 6531 */
	enum dsn_ret ret;
	struct span envid; /* not yet xtext; n 0: not given */
	void *owner;       /* the caller's */
};

/* What the server said it can do; all zero after a HELO. */
struct client_abilities {
	bool esmtp, pipelining, eightbitmime, smtputf8, dsn, enhanced, starttls, chunking;
	bool size_said;
	uint64_t size_bytes; /* the limit announced; 0: none */
	char auth[256];      /* mechanisms, blanks between, capitals */
	char greeting[256];  /* the text of the 220, cut */
};

struct client_options {    /* copied, the strings too */
	const char *hello; /* our host name, said in EHLO and HELO */
	const char *host;  /* the server's name (SASL, words) */
	enum tls_mode tls;
	bool tls_implicit; /* the stream is encrypted from the first octet */
	const char *user;  /* "" : no AUTH */
	const char *password;
	const char *mechanisms; /* the only ones allowed, blanks between; "" : all we know */
	bool auth_plain_in_clear;
	unsigned recipients; /* of one transaction; 0: 100 (RFC 5321 section 4.5.3.1.8) */
};

struct client_calls {
	/* Exactly once for each recipient of each message given. */
	void (*verdict)(void *owner, const struct client_message *m, unsigned rcpt,
	                const struct verdict *v);
	/* After the last verdict of m; m is not looked at again. */
	void (*done)(void *owner, const struct client_message *m);
};

/* What the machine needs from its owner to go on. */
enum client_want {
	CLIENT_HEAR,    /* octets of the server, before client_timeout_s() has passed */
	CLIENT_SECURE,  /* the TLS handshake, then client_secured(); first write client_out() */
	CLIENT_NEXT,    /* client_give() or client_finish(); replies may come meanwhile */
	CLIENT_CONTENT, /* client_content() for client_current(), with the next piece */
	CLIENT_RESTART, /* the same, from its first octet: a second transaction for more recipients
	                 */
	CLIENT_ENDED,   /* over; client_end() says how. Write client_out(), then close */
};

struct client *client_new(const struct client_options *o, const struct client_calls *calls,
                          void *owner); /* NULL: out of memory */
void client_free(struct client *c);     /* what has no verdict yet gets one: LATER, SCOPE_SESSION */

/* Says whatever can be said now, and what is needed next. */
enum client_want client_step(struct client *c);
struct buf *client_out(struct client *c); /* to be written; the owner drops what he has taken */
unsigned client_timeout_s(const struct client *c); /* for the reply waited for; 0: for none */
unsigned client_turn(const struct client *c);      /* another number: the timeout starts anew */

void client_hear(struct client *c, struct span bytes);
void client_secured(struct client *c);
void client_give(struct client *c, const struct client_message *m);
void client_finish(struct client *c); /* no message after those given: QUIT when they are through */
/* A piece of the content, line ends LF or CR LF, no dots stuffed; `last` with the final piece. */
void client_content(struct client *c, struct span piece, bool last);
/* The content cannot be had: its recipients get v, the session ends (nothing was completed). */
void client_content_failed(struct client *c, const struct verdict *v);
const struct client_message *client_current(const struct client *c);
/* The connection is gone, or the owner gives it up (time, TLS, shutdown), in these words. */
void client_cut(struct client *c, const char *status, const char *words);

bool client_ready(const struct client *c); /* greeting, TLS and AUTH are through */
const struct client_abilities *client_abilities(const struct client *c);
/*
 * How the session ended, once CLIENT_ENDED: SENT with an orderly QUIT, else
 * LATER with SCOPE_SESSION, or SCOPE_HOST when no message could even begin.
 */
const struct verdict *client_end(const struct client *c);

#endif
