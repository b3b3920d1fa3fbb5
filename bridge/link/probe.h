/*
 * One question to one link: does HOST:PORT take a TCP connection? The host's
 * addresses are tried in order, within one timeout for all of it; the
 * connection is closed as soon as it is there. A name that cannot be resolved
 * is no answer: without a link there is no name server either.
 */
#ifndef LINK_PROBE_H
#define LINK_PROBE_H

#include "bridge/net/resolve.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct probe;

typedef void probe_done(void *owner, bool answered, const char *words);

/* done comes once, from the loop, unless stopped. host is copied. NULL: out of memory. */
struct probe *probe_start(uv_loop_t *loop, struct resolver *r, const char *host, uint16_t port,
                          unsigned timeout_ms, probe_done *done, void *owner);
void probe_stop(struct probe *p);

#endif
