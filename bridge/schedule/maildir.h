/*
 * Delivery to a maildir: a file is written and synced in tmp, then moved to
 * new, and the directory synced, so that a mailbox never shows half a letter
 * and SENT means durable. Blocks: for jobs of the pool.
 */
#ifndef SCHEDULE_MAILDIR_H
#define SCHEDULE_MAILDIR_H

#include "bridge/base/verdict.h"

#include <stddef.h>
#include <stdint.h>

/* The next octets of the letter; *n 0 at the end. -1: they cannot be had, v says why. */
typedef int maildir_read(void *arg, void *p, size_t room, size_t *n, struct verdict *v);

struct maildir_letter {
	const char *path;     /* the maildir; it and its cur, new and tmp are made when missing */
	size_t fixed;         /* octets of path, up to and with a '/', that are never made */
	const char *hostname; /* in the file's name */
	uint8_t uuid[16];     /* of the message; with rcpt it makes the name unique */
	uint32_t rcpt;
	maildir_read *read;
	void *arg;
};

/* SENT, or LATER with words; NEVER only when `read` said so. */
void maildir_deliver(const struct maildir_letter *m, struct verdict *v);

#endif
