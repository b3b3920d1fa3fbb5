/*
 * The identity: system, inode, mtime in ns and size of standard input, and a
 * digest over arguments and content. uuxqt opens the D. file itself as
 * standard input, so it is a regular file, and /proc shows its name where
 * there is a /proc; a shell's redirection from any other file is not a job.
 * The same file with other arguments is another job: a peer may name one
 * data file in two X. files.
 */
#include "bridge/intake/job.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

static bool
is_data_file(const struct stat *st)
{
	char path[PATH_MAX];
	const char *name;
	ssize_t n;

	if (!S_ISREG(st->st_mode))
		return false;
	n = readlink("/proc/self/fd/0", path, sizeof path - 1);
	if (n <= 0)
		return true; /* no /proc to ask */
	path[n] = '\0';
	name = strrchr(path, '/');
	return name != NULL && strncmp(name, "/D.", 3) == 0;
}

/* Each argument with its NUL, so that ("ab","c") is not ("a","bc"). */
static void
add_arguments(XXH3_state_t *h, char *const *arguments)
{
	for (; *arguments != NULL; arguments++)
		XXH3_128bits_update(h, *arguments, strlen(*arguments) + 1);
	XXH3_128bits_update(h, "", 1);
}

static void
make_key(struct job *j, const char *site, char *const *arguments)
{
	const struct stat *st = &j->id.file;
	uint64_t file[4] = {st->st_ino, (uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
	                    (uint64_t)st->st_size};
	XXH128_hash_t h;

	XXH3_128bits_reset(j->hash);
	XXH3_128bits_update(j->hash, file, sizeof file);
	XXH3_128bits_update(j->hash, site, strlen(site) + 1);
	add_arguments(j->hash, arguments);
	h = XXH3_128bits_digest(j->hash);
	snprintf(j->key, sizeof j->key, "%016llx%016llx", (unsigned long long)h.high64,
	         (unsigned long long)h.low64);
}

int
job_identify(struct job *j, const char *site, char *const *arguments)
{
	*j = (struct job){.id.system = site};
	if (site[0] == '\0' || fstat(0, &j->id.file) != 0 || !is_data_file(&j->id.file))
		return 0;
	if ((j->hash = XXH3_createState()) == NULL)
		return -1;
	make_key(j, site, arguments);
	XXH3_128bits_reset(j->hash);
	add_arguments(j->hash, arguments);
	j->known = true;
	return 0;
}

void
job_add(struct job *j, struct span content)
{
	if (j->hash != NULL)
		XXH3_128bits_update(j->hash, content.p, content.n);
}

int
job_add_source(struct job *j, struct source *s)
{
	struct span block;

	do {
		if (source_read(s, &block) != 0)
			return -1;
		job_add(j, block);
	} while (block.n > 0);
	return 0;
}

void
job_finish(struct job *j)
{
	XXH128_canonical_t c;

	if (j->hash == NULL)
		return;
	XXH128_canonicalFromHash(&c, XXH3_128bits_digest(j->hash));
	memcpy(j->id.digest, c.digest, sizeof j->id.digest);
}

void
job_free(struct job *j)
{
	XXH3_freeState(j->hash);
	j->hash = NULL;
}
