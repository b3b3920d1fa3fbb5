/*
 * Files that their owner alone may read: the key of our answers, the passwords
 * of routes. `bangway check` and those who use such a file read it here, so
 * that what one calls sound the other takes.
 */
#ifndef BASE_PRIVATE_FILE_H
#define BASE_PRIVATE_FILE_H

#include "bridge/base/buf.h"

#include <sys/types.h>

#define PRIVATE_KEY_LEAST 32 /* octets; the most is that of any such file */
#define PRIVATE_FILE_MOST 4095

struct private_file {
	char text[PRIVATE_FILE_MOST + sizeof "\r\n"];
	struct span held; /* what of the text counts: not the one line's end that an editor puts */
};

/*
 * Reads it whole. 0, or -1 with *why: what is wrong with it, to be said after
 * its name ("must belong to ..."). private_file_wipe() in any case.
 */
int private_file_read(struct private_file *f, const char *name, uid_t owner, struct buf *why);
/* The same of a key, which has its bounds: a line's end is none where fewer would stay. */
int private_file_read_key(struct private_file *f, const char *name, uid_t owner, struct buf *why);
void private_file_wipe(struct private_file *f);

#endif
