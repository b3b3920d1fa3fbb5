/*
 * How is a spool opened? In this order: a fit directory, the gate, a look by a
 * child when the last user died of a signal, and LMDB's environment (env.c).
 *
 * Nothing is forked and nothing is scanned on the ordinary way: rmail opens the
 * spool once for each letter.
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
spool_start(struct spool **out, const struct spool_options *o)
{
	struct spool *s = calloc(1, sizeof *s);
	char *directory;

	*out = s;
	if (!s)
		return spool_fail(NULL, SPOOL_MEMORY, "out of memory");
	s->dir_fd = s->gate_fd = s->lock_fd = s->claim_fd = -1;
	s->stage_fd = s->wake_fd = s->wake_keep_fd = -1;
	s->slice_bytes = SLICE_BYTES;
	s->o = *o;
	directory = realpath(o->directory, NULL);
	s->o.directory = directory ? directory : strdup(o->directory);
	if (!s->o.directory)
		return spool_fail(s, SPOOL_MEMORY, "out of memory");
	if (s->o.message_bytes == 0)
		s->o.message_bytes = UINT64_C(2) << 30;
	return 0;
}

int
spool_why(const struct spool *s, char *why, size_t why_size)
{
	if (why && why_size)
		snprintf(why, why_size, "%s", spool_error(s));
	return -1;
}

int
spool_open(struct spool **out, const struct spool_options *o)
{
	struct spool *s;

	if (spool_start(out, o) < 0)
		return -1;
	s = *out;
	if (place_open(s) < 0 || gate_enter(s) < 0 || lock_open(s) < 0)
		return -1;
	if (faccessat(s->dir_fd, "data.mdb", F_OK, 0) < 0) /* LMDB would make one */
		return spool_fail(s, SPOOL_NONE,
		                  "there is no spool in %s: `bangway spool create` makes it",
		                  s->o.directory);
	if (suspect_is(s)) {
		if (look_readable(s, s->o.directory, LOOK_STRUCTURE) < 0)
			return -1;
		suspect_clear(s);
	}
	return env_open(s, s->o.directory);
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* The gate last: until then the environment is ours to use. */
void
spool_close(struct spool *s)
{
	if (!s)
		return;
	env_close(s);
	close_fd(s->wake_fd);
	close_fd(s->wake_keep_fd);
	close_fd(s->stage_fd);
	close_fd(s->claim_fd);
	close_fd(s->lock_fd);
	close_fd(s->gate_fd);
	close_fd(s->dir_fd);
	free((void *)(uintptr_t)s->o.directory);
	free(s);
}
