/*
 * The spool as an operator meets it: opened as its owner, and every failure of
 * it an answer in one line with a code of its own.
 */
#ifndef OPERATOR_STORE_H
#define OPERATOR_STORE_H

#include "bridge/operator/operator.h"

#include <sys/stat.h>

/*
 * Root becomes the owner of the spool's directory (a root-owned file in it
 * would lock the doors out); who is neither is told so. ENDING_DONE, or said.
 */
enum ending store_become_owner(struct console *con);
/*
 * Root becomes who owns what st tells of, with all groups of that account, as systemd
 * starts the daemon: one of them may own /var/mail. 0, or -1 with errno.
 */
int store_become(const struct stat *st);
/* Becomes the owner and opens con->spool. ENDING_DONE, or said. */
enum ending store_open(struct console *con);

/*
 * The same, for what only adds to an answer. Where it cannot be, con->spool is NULL and
 * *why has what stands in the way, and what would mend it.
 */
void store_try(struct console *con, struct buf *why);

/* Says what failed and why, by con->spool's last failure. */
enum ending store_failed(struct console *con, const char *what);
enum ending store_ending(enum spool_status st);

/*
 * The message, or with ID/N the delivery, that a word of the command names: 0 with
 * *id, and *rcpt SPOOL_ALL without /N; else said, and *e the ending.
 */
int store_delivery_id(struct console *con, const char *word, spool_id *id, uint32_t *rcpt,
                      enum ending *e);
/* Says that a message is not there: it is gone, or it never was. */
enum ending store_no_message(struct console *con, spool_id id);

#endif
