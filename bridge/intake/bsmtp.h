/*
 * BSMTP: mail as a file of SMTP commands that nobody answers (RFC 976 2.3,
 * RFC 2442). Octets in, events out; no I/O, and of the text of messages
 * nothing is held.
 *
 * Nothing of a batch is dropped without a word: whatever is no part of a whole
 * message, and no command that may be ignored, is named by BSMTP_KEEP with its
 * place in the stream and the reason.
 */
#ifndef INTAKE_BSMTP_H
#define INTAKE_BSMTP_H

#include "bridge/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define BSMTP_LINE_MAX 12288 /* octets of a command: an address of ADDR_TEXT_MAX and parameters */

enum bsmtp_what {
	BSMTP_HELLO,   /* text: the name after HELO or EHLO, "" none */
	BSMTP_MAIL,    /* a transaction begins. text: the reverse-path without <>; params */
	BSMTP_RCPT,    /* text: the forward-path without <>; params */
	BSMTP_REFUSED, /* a RCPT that cannot be read. text: its path as written; why */
	BSMTP_TEXT,    /* text: octets of the message, dots unstuffed, line ends as they came */
	BSMTP_WHOLE,   /* the message has ended as it should: [from, to) is the transaction */
	BSMTP_DROP,    /* the transaction ends without a message: RSET, or a KEEP follows */
	BSMTP_KEEP,    /* [from, to) of the stream is of no use, because of why */
};

struct bsmtp_event {
	enum bsmtp_what what;
	struct span text;   /* borrowed until the handler returns */
	struct span params; /* "KEY=VALUE KEY ..." behind the path, for bsmtp_param_next() */
	const char *why;    /* static words */
	uint64_t from, to;
};

typedef void bsmtp_handler(void *arg, const struct bsmtp_event *e);

struct bsmtp {
	bsmtp_handler *handle;
	void *arg;

	uint64_t at;      /* of the stream: octets taken */
	uint64_t line_at; /* where the command under way starts */
	uint64_t mail_at; /* where the transaction starts */
	uint64_t astray_at;
	bool astray;            /* lines since astray_at are no commands */
	const char *line_fault; /* of the command under way */
	bool quit;              /* QUIT was the last command that meant something */
	bool cut;               /* after bsmtp_end(): the stream ended inside of something */
	unsigned ignored;       /* commands that mean nothing in a batch */

	unsigned char state; /* of the dialogue */
	unsigned char scan;  /* of the text */
	bool crlf;           /* the text's lines end CR LF: so did its DATA */
	bool last_chunk, chunked;
	uint64_t chunk_left; /* BDAT */
	const char *spoilt;  /* the transaction cannot become a message: why */
	unsigned recipients; /* of the transaction, readable or not */
	struct buf line;
};

void bsmtp_begin(struct bsmtp *b, bsmtp_handler *handle, void *arg);
void bsmtp_feed(struct bsmtp *b, struct span octets); /* any number of times, torn anywhere */
void bsmtp_end(struct bsmtp *b);                      /* the stream has ended */
void bsmtp_free(struct bsmtp *b);

/* Parameters one by one: start with rest = params. A key without "=" has no value. */
bool bsmtp_param_next(struct span *rest, struct span *key, struct span *value);

#endif
