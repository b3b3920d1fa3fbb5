/*
 * The control socket: how a running daemon is asked and told (DESIGN section 3).
 *
 * A Unix stream socket at config->control_socket, mode 0600, the spool owner's.
 * The daemon asks the kernel who the peer is (SO_PEERCRED) and answers only its
 * own user and root. One request is one line of JSON, at most CONTROL_LINE_MAX
 * octets with its LF; one answer is one line of JSON. Several requests may be
 * made on one connection; they are answered in order. A connection that says
 * nothing for CONTROL_IDLE_S seconds is closed.
 *
 *   {"do":"hold","id":"01-6JE","rcpt":0}       rcpt left out: every delivery
 *   {"do":"release", ...} {"do":"retry", ...} {"do":"delete", ...}   likewise
 *   {"do":"link","name":"vsat","set":"up"}     "up", "down" or "auto"
 *   {"do":"reload"}                            as SIGHUP, and says how it went
 *   {"do":"status"}                            what the daemon is doing
 *
 * "by" names the person in the journal; bangway(8) has become the spool's owner by
 * then, and who is welcome could write the journal anyway.
 *
 * Answers:
 *
 *   {"ok":true, ...}                           it is done, and durable
 *   {"ok":false,"kind":"none","error":"..."}   it is not; error is one line for a person
 *
 * A change to a delivery that is under way waits for its settlement, up to
 * CONTROL_WAIT_S seconds, then answers "busy" with nothing changed. To that of
 * "link" is added "state":"up"|"down"; to that of "status" is added:
 *
 *   "version", "pid", "config", "started":SECONDS, "under-way":N,
 *   "links":[{"name","evidence":"always|manual|tcp","order":"up|down|auto",
 *             "state":"up|down","since":SECONDS,"words"}],
 *   "next-hops":[{"name","links":[..],"destinations":N,"sessions":N,"under-way":N,
 *                 "wait":""|"link"|"backoff"|"carrier","until":SECONDS,"failures":N,"words"}]
 *
 * SECONDS are since 1970. Members may be added; a reader passes over those it
 * does not know.
 */
#ifndef OPERATOR_CONTROL_H
#define OPERATOR_CONTROL_H

#define CONTROL_LINE_MAX 4096 /* a request; answers are as long as they need */
#define CONTROL_IDLE_S   60
#define CONTROL_WAIT_S   20

/* The values of "kind". */
#define CONTROL_KINDS(X)                                                                           \
	X(USAGE, "usage", "the request is not one that is understood")                             \
	X(NONE, "none", "no such message, delivery or link")                                       \
	X(BUSY, "busy", "under way just now, or the spool is locked: ask again")                   \
	X(REFUSED, "refused", "not for this peer")                                                 \
	X(CONFIG, "config", "the new configuration is wrong; the old one stays")                   \
	X(FAILED, "failed", "the spool could not do it")

enum control_kind {
#define CONTROL_ENUM(id, name, meaning) CONTROL_##id,
	CONTROL_KINDS(CONTROL_ENUM)
#undef CONTROL_ENUM
};

#endif
