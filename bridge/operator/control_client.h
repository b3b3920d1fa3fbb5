/*
 * Asking a running daemon (bridge/operator/control.h): one line of JSON each
 * way, every wait with a deadline.
 */
#ifndef OPERATOR_CONTROL_CLIENT_H
#define OPERATOR_CONTROL_CLIENT_H

#include "bridge/base/buf.h"
#include "bridge/base/exits.h"

#include <jansson.h>

struct control_client {
	int fd;        /* -1: not connected */
	struct buf in; /* what of the next answer has come */
	char why[200]; /* what is wrong, after a failure */
};

/* 0, or -1 with c->why. Answers are waited for `wait_ms` each. */
int control_connect(struct control_client *c, const char *socket_path, unsigned wait_ms);
void control_close(struct control_client *c);

/* Sends one request and frees it; several may be sent before their answers are read. */
int control_send(struct control_client *c, json_t *owned);
/* The next answer, owned by the caller; NULL with c->why. */
json_t *control_receive(struct control_client *c);

/* What an answer means: ENDING_DONE, or another with its words, borrowed from it. */
enum ending control_ending(const json_t *answer, const char **words);

/* Connects, asks one thing, closes: the answer, or NULL (why may be NULL). */
json_t *control_ask(const char *socket_path, unsigned wait_ms, json_t *owned, char why[200]);

#endif
