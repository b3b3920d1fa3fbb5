/*
 * The inside of the client's machine, for its own files: client.c (states and
 * cursors), letter.c (verdicts), command.c (what is said), hello.c (what the
 * server can do), auth.c (SASL).
 */
#ifndef SMTP_CLIENT_INT_H
#define SMTP_CLIENT_INT_H

#include "bridge/base/buf.h"
#include "bridge/smtp/auth.h"
#include "bridge/smtp/client.h"
#include "bridge/smtp/dots.h"
#include "bridge/smtp/trouble.h"

#define CLIENT_FLIGHT     256 /* commands unanswered at most; what waits to be heard has a bound */
#define CLIENT_RECIPIENTS 100 /* of one transaction: what every server must take */
#define CLIENT_REFUSALS                                                                            \
	8 /* transactions refused in a row, then QUIT: Exim hangs up at 11 RSETs                   \
	   */
#define CLIENT_PATH_BYTES 500 /* "RCPT TO:<...>" in 512 octets, RFC 5321 section 4.5.3.1.4 */

enum client_state {
	STATE_GREETING,
	STATE_EHLO,
	STATE_HELO,
	STATE_STARTTLS,
	STATE_SECURE, /* the handshake is the owner's */
	STATE_AUTH,
	STATE_NEXT, /* between messages */
	STATE_RSET,
	STATE_MAIL,
	STATE_RCPT,
	STATE_DATA,
	STATE_TEXT, /* the content and its final dot */
	STATE_LONE_DOT,
	STATE_QUIT,
	STATE_OVER,
};

enum rcpt_state {
	RCPT_WAITING, /* for a transaction */
	RCPT_ASKED,   /* RCPT said */
	RCPT_ACCEPTED,
	RCPT_HELD, /* refused by a 554: it counts when another reply follows (letter.c) */
	RCPT_SETTLED,
};

struct letter {                         /* a message in the machine's hands */
	const struct client_message *m; /* borrowed until done */
	struct letter *later;           /* the one given after it */
	unsigned unsettled;             /* recipients without their verdict */
	unsigned in_flight;             /* commands of it unanswered */
	unsigned next;                  /* recipient the first cursor looks at */
	unsigned said;                  /* recipient of the last RCPT said */
	unsigned asked, accepted;       /* RCPTs of this transaction: said; taken */
	bool mail_refused;
	bool muddled; /* RCPT taken although MAIL was refused */
	bool dotted;  /* the final dot is said and unanswered */
	struct verdict held;
	unsigned char rcpt[]; /* enum rcpt_state of each recipient */
};

struct step { /* one command said and not yet answered */
	enum client_state state;
	struct letter *letter; /* NULL outside messages */
	unsigned rcpt;
};

struct client {
	struct client_calls calls;
	void *owner;
	char *hello, *host; /* owned */
	enum tls_mode tls;
	unsigned recipients_max;
	struct client_abilities can;
	struct auth *auth; /* owned; NULL: none asked for, or through */
	bool secure, ready, finishing;
	bool reset;        /* a failed transaction is open at the server: RSET before MAIL */
	unsigned refusals; /* transactions refused whole, in a row */

	enum client_state said; /* the first cursor: what is said next */
	struct letter *letter;  /* that it is about; NULL outside messages */
	struct letter *again;   /* has recipients left for another transaction */
	bool restart;           /* its content is wanted from the start */
	struct dots dots;

	struct step flight[CLIENT_FLIGHT]; /* between the cursors: said and not heard */
	unsigned first, n;
	unsigned turn; /* counts up when what is waited for changes */

	struct letter *letters, **letters_end; /* all not yet done, the first given first */
	struct letter *holding;                /* has RCPT_HELD recipients */

	struct buf in, out;
	bool ended; /* `end` holds how the session failed */
	struct verdict end;
};

/* client.c */
void client_fail(struct client *c,
                 const struct verdict *v);              /* the session ends so, the first counts */
void flight_push(struct client *c, struct step s);      /* said: its reply is waited for */
void client_break(struct client *c, const char *words); /* the peer is out of step: over at once */

/* opening.c: rows of the table; `say` and `hear` return the state that comes next */
enum client_state say_hello(struct client *c);
enum client_state say_helo(struct client *c);
enum client_state say_starttls(struct client *c);
enum client_state say_auth(struct client *c);
enum client_state hear_greeting(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_hello(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_helo(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_starttls(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_auth(struct client *c, const struct step *s, const struct reply *r);

/* transaction.c */
enum client_state say_rset(struct client *c);
enum client_state say_mail(struct client *c);
enum client_state say_rcpt(struct client *c);
enum client_state say_data(struct client *c);
enum client_state say_text(struct client *c);
enum client_state say_lone_dot(struct client *c);
enum client_state hear_rset(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_mail(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_rcpt(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_data(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_text(struct client *c, const struct step *s, const struct reply *r);
enum client_state hear_lone_dot(struct client *c, const struct step *s, const struct reply *r);

/* letter.c: every verdict there is passes through letter_settle() */
struct letter *letter_new(const struct client_message *m);
void letter_settle(struct client *c, struct letter *l, unsigned rcpt, const struct verdict *v);
void letter_settle_in(struct client *c, struct letter *l, enum rcpt_state in,
                      const struct verdict *v);
void letter_settle_all(struct client *c, struct letter *l, const struct verdict *v);
/* A reply refused these; held back when it was a 554. */
void letter_refuse(struct client *c, struct letter *l, enum rcpt_state in, const struct verdict *v);
void letter_refuse_one(struct client *c, struct letter *l, unsigned rcpt, const struct verdict *v);
void letter_release_held(struct client *c); /* the session goes on: what was held counts */
void letter_cut(struct client *c, const struct verdict *v); /* all letters: what has no verdict */
bool letter_is_waiting(const struct letter *l, unsigned *rcpt); /* the first, from *rcpt on */
void letter_sweep(struct client *c); /* done() for those that are through */

/* command.c */
bool command_allows(struct client *c, struct letter *l); /* false: it was refused unsaid */
void command_mail(struct client *c, const struct client_message *m);
void command_rcpt(struct client *c, const struct client_recipient *r);

/* hello.c */
void hello_parse(const struct reply *r, struct client_abilities *can);

#endif
