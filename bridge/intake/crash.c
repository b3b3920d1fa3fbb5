#include "bridge/intake/crash.h"

#include "bridge/base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int
note_path(char out[PATH_MAX], const char *directory, const char *key)
{
	int n = snprintf(out, PATH_MAX, "%s/crash/%s", directory, key);

	if (n < 0 || n >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

unsigned
crash_count(const char *directory, const char *key)
{
	char path[PATH_MAX];
	struct stat st;

	if (note_path(path, directory, key) != 0 || stat(path, &st) != 0)
		return 0;
	return (unsigned)(st.st_size > CRASH_MOST ? CRASH_MOST : st.st_size);
}

static void
forget_old(const char *directory, unsigned keep_days)
{
	int64_t oldest_s = clock_wall_s() - (int64_t)keep_days * 86400;
	char path[PATH_MAX];
	struct dirent *e;
	struct stat st;
	DIR *d;

	if (note_path(path, directory, "") != 0 || (d = opendir(path)) == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &st, 0) == 0 &&
		    st.st_mtime < oldest_s)
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

int
crash_note(const char *directory, const char *key, unsigned keep_days)
{
	char path[PATH_MAX];
	int fd, rc;

	if (note_path(path, directory, "") != 0)
		return -1;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return -1;
	forget_old(directory, keep_days);
	if (note_path(path, directory, key) != 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	rc = write(fd, "x", 1) == 1 ? 0 : -1;
	close(fd);
	return rc;
}

void
crash_forget(const char *directory, const char *key)
{
	char path[PATH_MAX];

	if (note_path(path, directory, key) == 0)
		unlink(path);
}
