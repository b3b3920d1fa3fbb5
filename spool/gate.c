/*
 * Who may have the spool open now? All hold the file "gate" locked shared from
 * before they open the environment until after their last commit; creating,
 * compacting and restoring hold it alone. Were the data file replaced under a
 * process that has it open, that process would go on committing, with success,
 * into a file that is gone.
 *
 * The gate says two things in two lines of fixed places: the layout of the
 * data (word size, octet order, page size), which is checked before LMDB sees
 * the file, and the PID namespace of those who have it open. LMDB knows
 * readers by their process ids; from another namespace two of them look alike,
 * and pages would be reused under one of them.
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE = 64 }; /* octets of each line, padded with blanks */

static void
layout_line(char out[LINE + 1])
{
	const uint16_t probe = 1;
	int n;

	n = snprintf(out, LINE, "bangway-spool %d word %d order %s page %ld", SPOOL_FORMAT_VERSION,
	             (int)sizeof(void *) * 8, *(const uint8_t *)&probe ? "little" : "big",
	             sysconf(_SC_PAGESIZE));
	memset(out + n, ' ', (size_t)(LINE - n));
	out[LINE - 1] = '\n';
	out[LINE] = '\0';
}

/* The kernel's number for our PID namespace; 0 where there is no such thing. */
static void
namespace_line(char out[LINE + 1])
{
	struct stat st = {0};
	int n;

	if (stat("/proc/self/ns/pid", &st) < 0)
		st.st_ino = 0;
	n = snprintf(out, LINE, "pid-namespace %llu", (unsigned long long)st.st_ino);
	memset(out + n, ' ', (size_t)(LINE - n));
	out[LINE - 1] = '\n';
	out[LINE] = '\0';
}

static int
read_line(struct spool *s, off_t at, char out[LINE + 1])
{
	ssize_t n = pread(s->gate_fd, out, LINE, at);

	if (n < 0)
		return spool_fail_errno(s, errno, "gate");
	out[n] = '\0';
	return 0;
}

static int
write_line(struct spool *s, off_t at, const char *line)
{
	if (pwrite(s->gate_fd, line, LINE, at) != LINE)
		return spool_fail_errno(s, errno ? errno : EIO, "gate");
	return 0;
}

static int
check_layout(struct spool *s)
{
	char want[LINE + 1], have[LINE + 1];
	int version = 0;

	layout_line(want);
	if (read_line(s, 0, have) < 0)
		return -1;
	if (strcmp(want, have) == 0)
		return 0;
	if (!have[0])
		return spool_fail(s, SPOOL_NONE,
		                  "making the spool in %s was cut short: create it again",
		                  s->o.directory);
	have[strcspn(have, "\n")] = '\0';
	if (sscanf(have, "bangway-spool %d", &version) != 1)
		return spool_fail(
		    s, SPOOL_DAMAGED,
		    "%s/gate does not say what is behind it: create a spool in an empty "
		    "directory and restore into it",
		    s->o.directory);
	if (version != SPOOL_FORMAT_VERSION)
		return spool_fail(
		    s, SPOOL_FORMAT,
		    "the spool has format %d, this program knows %d: use the program that "
		    "made it to empty it",
		    version, SPOOL_FORMAT_VERSION);
	return spool_fail(s, SPOOL_REFUSED,
	                  "the spool was made by another kind of machine (%.60s): empty it there",
	                  have);
}

static int
not_had(struct spool *s, int rc, const char *words)
{
	if (rc < 0)
		return spool_fail_errno(s, errno, "gate");
	return spool_fail(s, SPOOL_BUSY, "%s: %s", s->o.directory, words);
}

static int
open_gate(struct spool *s, int flags)
{
	s->gate_fd = openat(s->dir_fd, "gate", O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (s->gate_fd < 0 && errno == ENOENT)
		return spool_fail(s, SPOOL_NONE,
		                  "there is no spool in %s: `bangway spool create` makes it",
		                  s->o.directory);
	if (s->gate_fd < 0)
		return spool_fail_errno(s, errno, "gate");
	return 0;
}

/*
 * Those of another namespace must be gone before the line may be changed, and
 * the gate is only ours to change when we hold it alone. Going from alone to
 * shared lets others in between: so look again.
 */
static int
settle_namespace(struct spool *s)
{
	char want[LINE + 1], have[LINE + 1];
	int tries;

	namespace_line(want);
	for (tries = 0; tries < 3; tries++) {
		if (read_line(s, LINE, have) < 0)
			return -1;
		if (strcmp(want, have) == 0)
			return 0;
		if (flock(s->gate_fd, LOCK_EX | LOCK_NB) == 0 && write_line(s, LINE, want) < 0)
			return -1;
		if (lock_file(s->gate_fd, LOCK_SHARED, s->o.lock_wait_ms) != 0)
			break;
	}
	return spool_fail(s, SPOOL_REFUSED,
	                  "%s is in use from another PID namespace (a container?): use it from one "
	                  "at a time",
	                  s->o.directory);
}

int
gate_enter(struct spool *s)
{
	int rc;

	if (open_gate(s, 0) < 0)
		return -1;
	rc = lock_file(s->gate_fd, LOCK_SHARED, s->o.lock_wait_ms);
	if (rc != 0)
		return not_had(s, rc, "the spool is being made, compacted or restored");
	if (check_layout(s) < 0)
		return -1;
	return settle_namespace(s);
}

int
gate_alone(struct spool *s, bool create)
{
	char layout[LINE + 1], names[LINE + 1];
	struct stat st;
	int rc;

	if (open_gate(s, create ? O_CREAT : 0) < 0)
		return -1;
	rc = lock_file(s->gate_fd, LOCK_ALONE, s->o.lock_wait_ms);
	if (rc != 0)
		return not_had(s, rc, "others have the spool open: stop them first");
	if (fstat(s->gate_fd, &st) < 0)
		return spool_fail_errno(s, errno, "gate");
	namespace_line(names);
	layout_line(layout);
	if (st.st_size == 0 && create) {
		if (write_line(s, 0, layout) < 0 || write_line(s, LINE, names) < 0)
			return -1;
		if (fsync(s->gate_fd) < 0)
			return spool_fail_errno(s, errno, "gate");
		return 0;
	}
	return check_layout(s) < 0 || write_line(s, LINE, names) < 0 ? -1 : 0;
}
