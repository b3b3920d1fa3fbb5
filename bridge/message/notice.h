/*
 * Telling people what became of a letter: RFC 3464 reports to senders, and
 * letters to the postmaster.
 *
 * A notice is content for the spool (LF line ends), with the null sender and
 * ORIGIN_NOTICE. It goes to the envelope's sender, never to what the header
 * says, and there is none for a null sender: notices cannot make notices.
 */
#ifndef MESSAGE_NOTICE_H
#define MESSAGE_NOTICE_H

#include "bridge/base/buf.h"
#include "bridge/base/config.h"
#include "bridge/base/verdict.h"
#include "bridge/message/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum notice_kind {
	NOTICE_FAILED,   /* it will not arrive */
	NOTICE_DELAYED,  /* it waits, and will be tried on */
	NOTICE_RELAYED,  /* success was asked for, and the next hop reports none (RFC 3461 5.2.2) */
	NOTICE_EXPANDED, /* likewise, of an alias with several members (5.2.7.3) */
	NOTICE_DELIVERED, /* likewise, of a list (5.2.7.1) */
};
/* RFC 3464's action of it: "failed", ... */
const char *notice_kind_name(enum notice_kind kind);

struct notice_recipient {
	const char *recipient; /* as stored */
	struct recipient_attrs attrs;
	const struct verdict *verdict; /* the last one */
	const char *remote;            /* the host that said it; "" when we did */
	bool expired;                  /* it was tried for its whole lifetime */
	int64_t last_s;                /* last attempt; 0 none */
	int64_t until_s;               /* delayed: tried until then; 0 not known */
};

struct notice {
	enum notice_kind kind;
	const struct config *config;
	uint8_t uuid[16]; /* for the notice's own Message-ID and boundary: a fresh random one */
	int64_t now_s;

	const char *sender;        /* of the letter, as stored: who is told */
	const char *sender_domain; /* the same as notice_sender() made it: goes into To */
	const struct message_attrs *attrs;
	uint64_t id;
	int64_t accepted_s;
	const struct notice_recipient *recipients;
	size_t nrecipients;

	struct span start; /* the first octets of the stored letter, as many as there are at hand */
	bool whole;        /* they are all of it */
	bool of_stranger;  /* who brought it may not send anywhere: its header alone goes back */
};

/*
 * A line for the journal in place of a notice that must not be (EVENT_UNTOLD).
 * about: the letter's id; 0 none.
 */
void notice_untold(enum notice_kind kind, const char *sender, uint64_t about, size_t recipients,
                   struct buf *line);

/* Whether a recipient's end is to be told: a null sender never is, and NOTIFY is obeyed. */
bool notice_is_wanted(const char *sender, enum notice_kind kind, const struct recipient_attrs *a);

/* Appends the notice's content. 0, or -1 without memory. */
int notice_write(const struct notice *n, struct buf *out);

/*
 * To the postmaster: of one job, bytes that could not be understood were set
 * aside, in one item or more. Their ids are given when this letter is accepted
 * with them, so it says how they are found.
 */
struct notice_quarantined {
	const struct config *config;
	uint8_t uuid[16];
	int64_t now_s;
	size_t items;
	uint64_t size;       /* of all of them */
	struct span reasons; /* a line each; the same one again is left out */
	const char *source;  /* who brought it */
	struct span start;   /* the first octets of the first one, shown escaped */
};
int notice_quarantined_write(const struct notice_quarantined *q, struct buf *out);

struct spool;
struct spool_change;
struct rewrite;

/*
 * A letter's sender as the notice to him shows him in To, into *domain, which
 * is empty; `as` says who brought the letter. The tokens that stand in it and
 * are to be durable with the notice are appended to *missing (replies.h).
 * 0; 1 with *why: he has no such form, or his token cannot be kept, and our
 * postmaster's address stands there; -1: the spool's failure, or no memory.
 */
int notice_sender(struct spool *s, const struct rewrite *as, const char *sender, struct buf *domain,
                  struct buf *missing, struct buf *why);

/*
 * A notice on its way into the spool: a letter of ours from the null sender,
 * to one address, which may be an alias. All but the first three are for its
 * journal, which says as well whether its members were too many.
 */
struct notice_letter {
	struct span content;
	const char *to;
	const struct route_expansion *whom; /* `to` means, as route_expand() says */
	const char *kind;                   /* notice_kind_name(), or "quarantined" */
	uint64_t about;                     /* the letter's id; 0 none */
	size_t recipients;                  /* it speaks of; 0 none */
	const char *words;                  /* what else there is to say; "" nothing */
};
/* 0, or -1: the spool's failure, or no memory. */
int notice_accept(struct spool *s, struct spool_change *c, const struct notice_letter *n,
                  int64_t now_s);

#endif
