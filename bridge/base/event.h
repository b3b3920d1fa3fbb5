/*
 * What happens to messages, sessions, links and the daemon, as lines: one list
 * of all events, from which the log, the journal, bangway-log(5)'s test and
 * `bangway trace` come.
 *
 * A line reads "EVENT key=value key=value ...", its keys in the list's order
 * whatever the caller's, its values escaped to hold no blank, quote or '='.
 * The same text is journalled (spool_note, whose record has the message's id
 * and the time) and logged (event_log, which puts the id in front).
 */
#ifndef BASE_EVENT_H
#define BASE_EVENT_H

#include "bridge/base/buf.h"
#include "bridge/base/log.h"

#include <stdbool.h>
#include <stdint.h>

/* event, part, level, name, keys in order, meaning */
#define EVENTS(X)                                                                                  \
	/* intake */                                                                               \
	X(ACCEPTED, "intake", LEVEL_INFO, "accepted",                                              \
	  "protocol site client sender recipients size message-id",                                \
	  "a message and its deliveries are durable")                                              \
	X(EXPANDED, "intake", LEVEL_INFO, "expanded", "to as recipients owner",                    \
	  "a recipient is an alias: these have the letter in its place")                           \
	X(BATCH_ACCEPTED, "intake", LEVEL_INFO, "batch-accepted",                                  \
	  "site client compression messages recipients refused quarantined size unpacked flags",   \
	  "a batch was read to its end, and what it held is durable")                              \
	X(QUARANTINED, "intake", LEVEL_WARN, "quarantined",                                        \
	  "protocol site client sender size reason",                                               \
	  "bytes that could not become a message were set aside")                                  \
	X(RETURNED, "intake", LEVEL_WARN, "returned",                                              \
	  "protocol site client sender recipients status words",                                   \
	  "a message was not taken for these recipients; its sender is told")                      \
	X(DUPLICATE_JOB, "intake", LEVEL_INFO, "duplicate-job", "protocol site size",              \
	  "uuxqt ran a job again that was accepted before; nothing was taken twice")               \
	X(WORKER_DIED, "intake", LEVEL_ERROR, "worker-died", "protocol site signal status",        \
	  "the process that read a job ended badly; the job will be run again")                    \
	X(SPOOL_FULL, "intake", LEVEL_ERROR, "spool-full", "protocol site words",                  \
	  "the spool's limit or the disk's reserve is reached: who brings mail keeps it")          \
	/* schedule */                                                                             \
	X(ROUTED, "schedule", LEVEL_DEBUG, "routed", "to as destination words",                    \
	  "a delivery was looked up in the tables, on its way to be sent")                         \
	X(SENT, "schedule", LEVEL_INFO, "sent",                                                    \
	  "to as next-hop link host code status size seconds words",                               \
	  "the next hop has the message for this recipient, and said so")                          \
	X(LATER, "schedule", LEVEL_INFO, "later",                                                  \
	  "to as next-hop link host scope code status due attempts words",                         \
	  "an attempt failed in a way that may pass")                                              \
	X(NEVER, "schedule", LEVEL_WARN, "never", "to as next-hop link host code status words",    \
	  "this delivery will not go; its sender is told")                                         \
	X(EXPIRED, "schedule", LEVEL_WARN, "expired", "to next-hop attempts chance age words",     \
	  "the delivery's lifetime is over; its sender is told")                                   \
	X(NOTICE, "schedule", LEVEL_INFO, "notice", "to about kind recipients words",              \
	  "a notice to a sender was accepted")                                                     \
	X(UNTOLD, "schedule", LEVEL_WARN, "untold", "to about kind recipients words",              \
	  "no notice was made: it would go where its letter's bringer may not send")               \
	X(DELAY_NOTICE, "schedule", LEVEL_INFO, "delay-notice", "to about recipients due",         \
	  "a sender was told that the message waits")                                              \
	X(REDIRECTED, "schedule", LEVEL_INFO, "redirected", "to old new by",                       \
	  "a delivery got another destination: the tables changed, or an operator asked")          \
	X(HEADER_KEPT, "schedule", LEVEL_WARN, "header-kept", "next-hop words",                    \
	  "the message went with header fields as they were that could not be understood")         \
	X(FORGOTTEN, "schedule", LEVEL_INFO, "forgotten", "tokens reason",                         \
	  "answers to tokens that were not used for long, or were too many, come home no more")    \
	X(DAMAGED, "schedule", LEVEL_ERROR, "damaged", "words",                                    \
	  "stored bytes do not match their digest; the message went to quarantine")                \
	/* smtp */                                                                                 \
	X(SESSION_START, "smtp", LEVEL_INFO, "session-start",                                      \
	  "session link next-hop host address port tls verified auth extensions",                  \
	  "a connection is ready to carry mail")                                                   \
	X(SESSION_END, "smtp", LEVEL_INFO, "session-end",                                          \
	  "session link next-hop host messages sent later never bytes-out bytes-in seconds words", \
	  "a connection is over, or could not be made")                                            \
	/* link */                                                                                 \
	X(LINK_UP, "link", LEVEL_INFO, "link-up", "link evidence by words", "a link can be used")  \
	X(LINK_DOWN, "link", LEVEL_INFO, "link-down", "link evidence by words",                    \
	  "a link cannot be used any more")                                                        \
	X(LINK_AUTO, "link", LEVEL_INFO, "link-auto", "link by",                                   \
	  "a link is again up or down as its evidence says")                                       \
	/* operator */                                                                             \
	X(HELD, "operator", LEVEL_INFO, "held", "to by", "a delivery will not go until released")  \
	X(RELEASED, "operator", LEVEL_INFO, "released", "to by", "a held delivery may go again")   \
	X(RETRIED, "operator", LEVEL_INFO, "retried", "to by", "a delivery is due now")            \
	X(DELETED, "operator", LEVEL_INFO, "deleted", "to by notice",                              \
	  "a delivery was removed by an operator")                                                 \
	/* daemon */                                                                               \
	X(START, "daemon", LEVEL_INFO, "start", "version config spool messages deliveries",        \
	  "the daemon is ready")                                                                   \
	X(STOP, "daemon", LEVEL_INFO, "stop", "reason", "the daemon ends")                         \
	X(CONFIG_LOADED, "daemon", LEVEL_INFO, "config-loaded", "file routes links sites",         \
	  "a configuration is in force")                                                           \
	X(CONFIG_REFUSED, "daemon", LEVEL_ERROR, "config-refused", "file line faults words",       \
	  "a configuration is wrong; the one before stays in force")

enum event {
#define EVENT_ENUM(id, part, level, name, keys, meaning) EVENT_##id,
	EVENTS(EVENT_ENUM)
#undef EVENT_ENUM
	    EVENT_COUNT
};

struct event_pair {
	const char *key;
	bool numeric, unknown;
	struct span text;
	int64_t number;
};

/* The pairs of a line. NULL is unknown and left out; "" is written "key=". */
static inline struct event_pair
event_text(const char *key, const char *value)
{
	return (struct event_pair){.key = key, .unknown = value == NULL, .text = span_of(value)};
}

static inline struct event_pair
event_span(const char *key, struct span value)
{
	return (struct event_pair){.key = key, .text = value};
}

static inline struct event_pair
event_number(const char *key, int64_t value)
{
	return (struct event_pair){.key = key, .numeric = true, .number = value};
}

/*
 * Appends the line to out:
 *	event_line(&line, EVENT_HELD, event_text("to", to), event_text("by", who));
 */
#define event_line(out, event, ...)                                                                \
	event_compose((out), (event), (const struct event_pair[]){__VA_ARGS__},                    \
	              sizeof((const struct event_pair[]){__VA_ARGS__}) /                           \
	                  sizeof(struct event_pair))

void event_compose(struct buf *out, enum event e, const struct event_pair *pairs, size_t n);

/* Logs a line at the event's level: "ID line", or "- line" when id is NULL. */
void event_log(enum event e, const char *id, const struct buf *line);

const char *event_name(enum event e);
const char *event_part(enum event e);
const char *event_keys(enum event e); /* in order, a blank between */
const char *event_meaning(enum event e);

/*
 * Whether a line is one that event_line() could have made: a known event, its
 * keys, in order, none twice. For tests, and for readers of old journals.
 */
bool event_line_valid(struct span line);
/* The value of a key in a line, still escaped; false when it is not there. */
bool event_value(struct span line, const char *key, struct span *value);

#endif
