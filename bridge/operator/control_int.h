/*
 * The control server's own: control_server.c has the peers and their lines,
 * control_verbs.c what is asked and answered.
 */
#ifndef OPERATOR_CONTROL_INT_H
#define OPERATOR_CONTROL_INT_H

#include "bridge/operator/control.h"
#include "bridge/operator/control_server.h"

#include <jansson.h>

struct control_peer;

/* One request. It is answered at once, or control_later() is called and it is answered later. */
void control_request(struct control_peer *p, struct span line);

const struct control_world *control_world_of(const struct control_peer *p);
/* Who asks, for the journal: the peer's user id, or the person that it names. */
const char *control_who(const struct control_peer *p);
void control_name(struct control_peer *p, const char *who);
/* Until the answer is given the peer's next request waits, and the peer is there. */
void control_later(struct control_peer *p);
/* The one answer to a request; after control_later() the peer may be gone, and p is void. */
void control_answer(struct control_peer *p, json_t *owned);
void control_refuse(struct control_peer *p, enum control_kind k, const char *words);

#endif
