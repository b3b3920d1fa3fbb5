/*
 * The files that the configuration names and a table is made from. What they
 * say decides where mail goes, as the configuration does, so the same is asked
 * of them: a regular file, which not everybody may write. A file that is
 * missing or cannot be read is a fault and the table is not taken up, since
 * mail that went without it would go astray; a line that is not understood is
 * left out with a warning, since one slip in thirty thousand lines must not
 * stop the mail.
 */
#include "bridge/route/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)64 << 20)
#define FILE_REST_NS   1000000000 /* not written to for so long, it is whole */

/* ---- which file it was ---- */

static int64_t
nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
identify(struct route_file *f, const struct stat *st)
{
	f->device = (uint64_t)st->st_dev;
	f->inode = (uint64_t)st->st_ino;
	f->size = (uint64_t)st->st_size;
	f->written_ns = nanoseconds(st->st_mtim);
	f->changed_ns = nanoseconds(st->st_ctim);
}

bool
route_file_changed(struct route_file *f)
{
	struct route_file old = *f;
	struct stat st = {0};

	if (stat(f->name, &st) < 0)
		st = (struct stat){0};
	identify(f, &st);
	return f->device != old.device || f->inode != old.inode || f->size != old.size ||
	       f->written_ns != old.written_ns || f->changed_ns != old.changed_ns;
}

size_t
route_table_files(const struct route_table *t, const struct route_file **files)
{
	*files = t->files;
	return t->nfiles;
}

static int
remember(struct route_table *t, const char *name, const struct stat *st)
{
	struct route_file *v = realloc(t->files, (t->nfiles + 1) * sizeof *v);
	char *target;

	if (v == NULL)
		return -1;
	t->files = v;
	v = &v[t->nfiles++];
	v->name = v->target = arena_text(&t->arena, span_of(name));
	if ((target = realpath(name, NULL)) != NULL)
		v->target = arena_text(&t->arena, span_of(target));
	free(target);
	identify(v, st);
	return t->arena.bad ? -1 : 0;
}

/* ---- what is in it ---- */

/* NULL, or what is wrong with it. */
static const char *
file_fault(int fd, struct stat *st)
{
	if (fd < 0 || fstat(fd, st) < 0)
		return strerror(errno);
	if (!S_ISREG(st->st_mode))
		return "it is not a file";
	if ((st->st_mode & S_IWOTH) != 0)
		return "it may be written by everybody: chmod o-w it";
	if (st->st_size > (off_t)FILE_BYTES_MAX)
		return "it is larger than 64 MiB";
	return NULL;
}

/* Root, ourselves, or he whom the spool belongs to (a check may be run by another). */
static bool
is_trusted(const struct route_table *t, uid_t user)
{
	struct stat spool;

	return user == 0 || user == geteuid() ||
	       (stat(t->config->spool.directory, &spool) == 0 && spool.st_uid == user);
}

/*
 * Who may write a list that we include shall not have us read what he may not:
 * a member that is no address comes back in words. So the file is his, in a
 * directory of his, or ours, and no link to somebody else's.
 */
static const char *
included_fault(const struct route_table *t, const char *name, const struct stat *st)
{
	const char *slash = strrchr(name, '/');
	struct stat directory, link;
	char *above;
	int rc;

	if (lstat(name, &link) < 0)
		return strerror(errno);
	if (link.st_dev != st->st_dev || link.st_ino != st->st_ino)
		return "it is a symbolic link, which its owner could lead to any file of ours";
	above = strndup(name, slash == NULL || slash == name ? 1 : (size_t)(slash - name));
	rc = above != NULL ? stat(above, &directory) : -1;
	free(above);
	if (rc < 0)
		return strerror(errno);
	if (st->st_uid != directory.st_uid && !is_trusted(t, st->st_uid))
		return "it belongs neither to its directory's owner nor to root or us";
	if ((st->st_mode & S_IROTH) == 0 &&
	    !(is_trusted(t, st->st_uid) && is_trusted(t, directory.st_uid)))
		return "it is somebody's who lets not everybody read it: chmod o+r it";
	return NULL;
}

/* To the end, wherever that is by now. NULL, or what is wrong. */
static const char *
take_all(int fd, size_t expected, struct buf *text)
{
	ssize_t got;

	text->max = FILE_BYTES_MAX;
	if (buf_room(text, expected + 1) < 0)
		return "out of memory";
	for (;;) {
		if (text->size - text->n < 2 && buf_room(text, 65536) < 0)
			return "it is larger than 64 MiB, or there is no memory for it";
		got = read(fd, text->p + text->n, text->size - text->n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return strerror(errno);
		if (got == 0)
			break;
		text->n += (size_t)got;
	}
	text->p[text->n] = '\0';
	return memchr(text->p, '\0', text->n) == NULL ? NULL : "it has NUL octets: it is no text";
}

static int
read_file(struct route_table *t, const char *name, bool included, const char *setting,
          struct buf *text, struct config_faults *faults)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st = {0};
	const char *why = file_fault(fd, &st);

	if (why == NULL && included)
		why = included_fault(t, name, &st);
	if (remember(t, name, &st) < 0)
		why = "out of memory";
	if (why == NULL)
		why = take_all(fd, (size_t)st.st_size, text);
	if (fd >= 0)
		close(fd);
	if (why == NULL)
		return 0;
	config_faults_add(faults, (struct config_place){name, 0},
	                  "`%s` names it, and it cannot be used: %s", setting, why);
	return -1;
}

int
route_file_read(struct route_table *t, const char *name, const char *setting, struct buf *text,
                struct config_faults *faults)
{
	return read_file(t, name, false, setting, text, faults);
}

int
route_file_include(struct route_table *t, const char *name, const char *setting, struct buf *text,
                   struct config_faults *faults)
{
	return read_file(t, name, true, setting, text, faults);
}

bool
route_files_rest(const struct route_table *t)
{
	struct timespec now;
	struct route_file f;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &now);
	for (i = 0; i < t->nfiles; i++) {
		f = t->files[i];
		if (route_file_changed(&f) || (f.written_ns <= nanoseconds(now) &&
		                               nanoseconds(now) - f.written_ns < FILE_REST_NS))
			return false;
	}
	return true;
}

unsigned
route_files_to_accept(const struct config *c)
{
	bool reroutes = c->reroute == REROUTE_PATHS;
	size_t i;

	for (i = 0; i < c->nsites; i++)
		reroutes |= c->sites[i].reroute == REROUTE_PATHS;
	return reroutes ? ROUTE_ALIASES | ROUTE_PATHS : ROUTE_ALIASES;
}

int
route_table_read(struct route_table *t, unsigned files, struct config_faults *faults)
{
	int rc = 0;

	if ((files & ROUTE_ALIASES) != 0 && own_read(t, faults) < 0)
		rc = -1;
	if ((files & ROUTE_PATHS) != 0 && paths_read(t, faults) < 0)
		rc = -1;
	return rc;
}
