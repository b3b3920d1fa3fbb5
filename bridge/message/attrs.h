/*
 * What is kept with a message and with each recipient beside their addresses:
 * opaque octets to the spool, read and written here.
 *
 * A record is a list of (tag, length, octets). A reader skips the tags it does
 * not know, so that an older program reads what a newer one wrote; what is cut
 * or contradicts itself counts as not being there. A letter is never lost
 * because its attributes are damaged.
 */
#ifndef MESSAGE_ATTRS_H
#define MESSAGE_ATTRS_H

#include "bridge/base/buf.h"
#include "bridge/message/facts.h"
#include "bridge/route/route.h"

#include <stdbool.h>

/* How a message came to us. */
enum origin {
	ORIGIN_LOCAL,  /* from this machine: a person's command, rmail outside uuxqt */
	ORIGIN_UUCP,   /* rmail, run by uuxqt for a neighbour */
	ORIGIN_BSMTP,  /* a batch, run by uuxqt for a neighbour */
	ORIGIN_SMTP,   /* an SMTP session: its header is never touched */
	ORIGIN_NOTICE, /* made here: a notice */
};

enum dsn_ret { DSN_RET_UNSAID, DSN_RET_FULL, DSN_RET_HDRS }; /* RFC 3461 section 4.3 */

/* RFC 3461 section 4.1; none of them: unsaid, that is FAILURE and DELAY. */
enum dsn_notify {
	DSN_NEVER = 1,
	DSN_SUCCESS = 2,
	DSN_FAILURE = 4,
	DSN_DELAY = 8,
};

struct message_attrs {
	enum origin origin;
	struct span site;   /* the UUCP neighbour; "" when it was none */
	struct span client; /* who else brought it: a host, a user; "" unknown */
	bool smtputf8;      /* was asked for (RFC 6531) */
	enum dsn_ret ret;
	struct span envid;  /* as xtext came decoded; "" none */
	struct facts facts; /* of the stored content; facts.known false: nobody looked */
};

struct recipient_attrs {
	unsigned notify;   /* enum dsn_notify */
	struct span orcpt; /* "rfc822;piet@cwi.example", xtext of the address decoded; "" none */
	struct span alias; /* of ours, whose member this is: we sent it there; "" none */
};

/* Encoding appends; an empty record is valid and means all defaults. */
void message_attrs_encode(const struct message_attrs *a, struct buf *out);
void recipient_attrs_encode(const struct recipient_attrs *a, struct buf *out);

/* Decoding never fails; spans point into the record, and live as long as it does. */
void message_attrs_decode(struct span record, struct message_attrs *out);
void recipient_attrs_decode(struct span record, struct recipient_attrs *out);

/* Who brought it, as the routing rules want it; text in *store, which is emptied first. */
void message_attrs_ask(const struct message_attrs *a, int64_t accepted_s, struct buf *store,
                       struct route_ask *out);

/* The same for one recipient: to the members of an alias it is ourselves who send. */
struct route_ask recipient_attrs_ask(const struct recipient_attrs *a, const struct route_ask *ask);

const char *origin_name(enum origin o); /* "local", "rmail", "bsmtp", "smtp", "notice" */

#endif
