/*
 * The power goes at any write. The scenario runs once, and every write to the
 * data file is recorded with every sync and every success that was reported.
 * Then the file is built again as a disk might hold it after a cut at that
 * point: all that was synced, and of what was not any part, in any order, torn
 * at sectors. What is opened then must be whole, and must be exactly what it
 * was after the last success reported, or after the change then under way.
 *
 * The writes are seen by being these functions: the linker gives liblmdb ours.
 */
#include "tests/crash/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
enum { STATES = 200 };
#else
enum { STATES = 900 };
#endif
enum { SECTOR = 512, CARE_EVERY = 9 };

struct event {
	enum { WRITE, SYNCED_WRITE, LENGTH, SYNC, SUCCESS } kind;
	off_t at;
	size_t n;
	uint8_t *p; /* owned */
};

static struct event *events;
static size_t nevents, events_room;
static ino_t data_inode; /* 0: nothing is recorded */

ssize_t pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t writev(int fd, const struct iovec *v, int count);
int fdatasync(int fd);
int posix_fallocate(int fd, off_t at, off_t n);

static void
record(struct event e, const void *p)
{
	if (nevents == events_room) {
		events_room = events_room ? 2 * events_room : 1024;
		events = realloc(events, events_room * sizeof *events);
		if (!events)
			abort();
	}
	if (p) {
		e.p = malloc(e.n);
		if (!e.p)
			abort();
		memcpy(e.p, p, e.n);
	}
	events[nevents++] = e;
}

static bool
is_data(int fd)
{
	struct stat st;

	return data_inode && fstat(fd, &st) == 0 && st.st_ino == data_inode;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	ssize_t done = syscall(SYS_pwrite64, fd, p, n, at);

	if (done > 0 && is_data(fd))
		record((struct event){fcntl(fd, F_GETFL) & O_DSYNC ? SYNCED_WRITE : WRITE, at,
		                      (size_t)done, NULL},
		       p);
	return done;
}

ssize_t
writev(int fd, const struct iovec *v, int count)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t done = syscall(SYS_writev, fd, v, count);
	int i;

	for (i = 0; done > 0 && i < count && is_data(fd); at += (off_t)v[i++].iov_len)
		record((struct event){WRITE, at, v[i].iov_len, NULL}, v[i].iov_base);
	return done;
}

int
fdatasync(int fd)
{
	int rc = (int)syscall(SYS_fdatasync, fd);

	if (is_data(fd))
		record((struct event){.kind = SYNC}, NULL);
	return rc;
}

int
posix_fallocate(int fd, off_t at, off_t n)
{
	if (syscall(SYS_fallocate, fd, 0, at, n) < 0)
		return errno;
	if (is_data(fd))
		record((struct event){.kind = LENGTH, .at = at + n}, NULL);
	return 0;
}

/* ---- the disk after the cut ---- */

struct disk {
	uint8_t *p;
	size_t n, room;
};

static void
disk_reach(struct disk *d, size_t n)
{
	if (n <= d->n)
		return;
	if (n > d->room) {
		d->p = realloc(d->p, 2 * n);
		if (!d->p)
			abort();
		memset(d->p + d->room, 0, 2 * n - d->room);
		d->room = 2 * n;
	}
	d->n = n;
}

static void
disk_apply(struct disk *d, const struct event *e, size_t from, size_t n)
{
	if (e->kind == LENGTH) {
		disk_reach(d, (size_t)e->at);
	} else if (e->kind == WRITE || e->kind == SYNCED_WRITE) {
		disk_reach(d, (size_t)e->at + from + n);
		memcpy(d->p + e->at + from, e->p + from, n);
	}
}

static uint64_t dice = 20011122;

static unsigned throw(unsigned sides)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(dice >> 33) % sides;
}

/* Of one unsynced write: nothing, everything, or some of its sectors. */
static void
disk_tear(struct disk *d, const struct event *e)
{
	size_t at, n;

	switch (throw(3)) {
	case 0:
		return;
	case 1:
		disk_apply(d, e, 0, e->n);
		return;
	default:
		for (at = 0; at < e->n; at += n) {
			n = e->n - at < SECTOR ? e->n - at : SECTOR;
			if (throw(2))
				disk_apply(d, e, at, n);
		}
	}
}

enum cut { CUT_NOTHING_PENDING, CUT_ALL_PENDING, CUT_TORN };

/* What the disk holds when the power goes before event `at`; synced: all before it is there. */
static struct disk
disk_after(const struct disk *synced, size_t synced_to, size_t at, enum cut cut)
{
	struct disk d = {0};
	size_t i;

	disk_reach(&d, synced->n);
	memcpy(d.p, synced->p, synced->n);
	for (i = synced_to; i < at; i++) {
		if (events[i].kind == SYNCED_WRITE || cut == CUT_ALL_PENDING)
			disk_apply(&d, &events[i], 0, events[i].n);
		else if (cut == CUT_TORN)
			disk_tear(&d, &events[i]);
	}
	return d;
}

/* ---- looking at what is left ---- */

static uint64_t prints[STEPS + 1];
static char live[200], after[200];
static unsigned failures;

static void
complain(size_t at, enum cut cut, const char *words)
{
	printf("# cut before event %zu, kind %d: %s\n", at, (int)cut, words);
	failures++;
}

static void
put_file(const char *directory, const char *name, const void *p, size_t n)
{
	char path[300];
	int fd;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

static struct disk
get_file(const char *directory, const char *name)
{
	struct disk d = {0};
	char path[300];
	struct stat st;
	int fd;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0)
		abort();
	disk_reach(&d, (size_t)st.st_size);
	if (read(fd, d.p, d.n) != (ssize_t)d.n)
		abort();
	close(fd);
	return d;
}

static void
tell(void *arg, const char *words)
{
	(void)arg;
	printf("# fault: %s\n", words);
}

/* Now and then also: no fault anywhere, and it can be used. */
static int
care(struct spool *s)
{
	struct spool_settlement st = {.rcpt = SPOOL_ALL, .outcome = SPOOL_DELETED};
	struct spool_change *c = spool_change_new(s);
	uint64_t faults = 1;
	spool_id ids[64];
	size_t n = 64, i;

	if (spool_verify(s, tell, NULL, &faults) < 0 || faults || spool_list(s, 0, ids, &n) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		st.id = ids[i];
		spool_settle(c, &st);
	}
	if (spool_commit(c) < 0)
		return -1;
	spool_change_free(c);
	return scenario_step(s, 0) < 0 || spool_verify(s, tell, NULL, &faults) < 0 || faults ? -1
	                                                                                     : 0;
}

static void
look(struct spool *s, size_t at, enum cut cut, int successes, bool careful)
{
	uint64_t print;

	if (spool_sweep(s) < 0 || scenario_fingerprint(s, &print) < 0)
		complain(at, cut, spool_error(s));
	else if (print != prints[successes] &&
	         (successes == STEPS || print != prints[successes + 1]))
		complain(at, cut, "neither as it was nor as it was to become");
	else if (careful && care(s) < 0)
		complain(at, cut, "it cannot be used, or has faults");
}

static void
try_state(const struct disk *d, size_t at, enum cut cut, int successes, bool careful)
{
	struct spool *s;

	scenario_remove(after);
	if (mkdir(after, 0700) < 0)
		abort();
	put_file(after, "data.mdb", d->p, d->n);
	struct disk gate = get_file(live, "gate");
	put_file(after, "gate", gate.p, gate.n);
	free(gate.p);
	if (scenario_open(&s, after) < 0)
		complain(at, cut, spool_error(s));
	else
		look(s, at, cut, successes, careful);
	spool_close(s);
}

/* The scenario, recorded; the print of every state between two changes. */
static int
run(struct disk *before)
{
	struct spool_options o = scenario_options(live);
	char why[300], path[300];
	struct spool *s;
	struct stat st;
	int i, rc;

	if (spool_create(&o, why, sizeof why) < 0 || scenario_open(&s, live) < 0)
		return -1;
	*before = get_file(live, "data.mdb");
	snprintf(path, sizeof path, "%s/data.mdb", live);
	if (stat(path, &st) < 0 || scenario_fingerprint(s, &prints[0]) < 0)
		return -1;
	data_inode = st.st_ino;
	for (i = 0; i < STEPS; i++) {
		rc = scenario_step(s, i);
		if (rc != (i == SCENARIO_DUPLICATE ? -1 : 0) ||
		    scenario_fingerprint(s, &prints[i + 1]) < 0) {
			printf("# step %d: %s\n", i, spool_error(s));
			return -1;
		}
		record((struct event){.kind = SUCCESS}, NULL);
	}
	data_inode = 0;
	spool_close(s);
	return 0;
}

static unsigned
try_all(struct disk synced)
{
	unsigned tried = 0, stride = (unsigned)(3 * nevents / STATES) + 1;
	size_t at, i, synced_to = 0;
	int successes = 0;
	struct disk d;
	unsigned cut;

	for (at = 0; at <= nevents; at++) {
		for (cut = CUT_NOTHING_PENDING; cut <= CUT_TORN; cut++) {
			if (tried++ % stride)
				continue;
			d = disk_after(&synced, synced_to, at, (enum cut)cut);
			try_state(&d, at, (enum cut)cut, successes,
			          tried / stride % CARE_EVERY == 0);
			free(d.p);
		}
		if (at == nevents)
			break;
		successes += events[at].kind == SUCCESS;
		if (events[at].kind != SYNC)
			continue;
		for (i = synced_to; i <= at; i++)
			disk_apply(&synced, &events[i], 0, events[i].n);
		synced_to = at + 1;
	}
	free(synced.p);
	return tried / stride;
}

int
main(void)
{
	struct disk before;
	unsigned states;

	scenario_directory(live, sizeof live, "live");
	scenario_directory(after, sizeof after, "after");
	printf("1..2\n");
	if (run(&before) < 0) {
		printf("not ok 1 - the scenario runs\n");
		return 1;
	}
	printf("ok 1 - the scenario runs: %d changes, %zu writes and syncs\n", STEPS, nevents);
	states = try_all(before);
	printf("%s 2 - the power may go at any of %u moments\n", failures ? "not ok" : "ok",
	       states);
	scenario_remove(live);
	scenario_remove(after);
	return failures != 0;
}
