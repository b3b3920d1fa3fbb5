/*
 * Where a spool may be, who may have it open, and what is said when it cannot
 * be used.
 */
#include "tests/unit/spool_test.h"

#include "spool/change_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static void
refused_to_open(struct place *p, enum spool_status st, const char *words)
{
	struct spool *s;

	assert_int_equal(spool_open(&s, &p->o), -1);
	if (spool_status(s) != st || !strstr(spool_error(s), words))
		fail_msg("%s: %s", spool_status_name(spool_status(s)), spool_error(s));
	spool_close(s);
}

static const char *
path_in(const struct place *p, const char *name)
{
	static char path[200];

	snprintf(path, sizeof path, "%s/%s", p->spool, name);
	return path;
}

static void
overwrite(const struct place *p, const char *name, off_t at, const char *bytes, size_t n)
{
	int fd = open(path_in(p, name), O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static void
creates_once(void **state)
{
	struct place *p = *state;
	char why[300] = "";
	struct spool *s = opened(p);

	accepted(s, letter(s, "x\n", "a", "d", 2), 5);
	spool_close(s);
	assert_int_equal(spool_create(&p->o, why, sizeof why), -1);
	assert_non_null(strstr(why, "already"));
	s = opened(p);
	assert_int_equal(counted(s).messages, 1);
	spool_close(s);
	assert_int_equal(access(path_in(p, "aside"), F_OK), -1);
}

static void
files_are_ours_alone(void **state)
{
	static const char *const names[] = {"",     "data.mdb", "lock.mdb", "lock",
	                                    "gate", "wake",     "staging"};
	struct place *p = *state;
	mode_t old = umask(0);
	char why[300] = "", content[5000];
	struct spool *s;
	struct stat st;
	size_t i;
	int n;

	snprintf(p->spool, sizeof p->spool, "%s/other", p->dir);
	assert_int_equal(spool_create(&p->o, why, sizeof why), 0);
	s = opened(p);
	memset(content, 'x', sizeof content - 1);
	content[sizeof content - 1] = '\0';
	struct spool_draft *d = letter(s, content, "a", "d", 2);
	for (n = 0; n < 400; n++)
		spool_draft_write(d, content, sizeof content);
	accepted(s, d, 5);
	umask(old);
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(stat(path_in(p, names[i]), &st), 0);
		assert_int_equal(st.st_mode & 0777, names[i][0] ? 0600 : 0700);
	}
	spool_close(s);
}

/* Making can be cut short anywhere before the link; nothing half-made is ever opened. */
static void
half_made_is_not_opened(void **state)
{
	struct place *p = *state;
	char why[300] = "";

	snprintf(p->spool, sizeof p->spool, "%s/other", p->dir);
	refused_to_open(p, SPOOL_NONE, "create");
	assert_int_equal(mkdir(p->spool, 0700), 0);
	refused_to_open(p, SPOOL_NONE, "create");
	close(open(path_in(p, "gate"), O_WRONLY | O_CREAT, 0600));
	refused_to_open(p, SPOOL_NONE, "create");
	mkdir(path_in(p, "aside"), 0700);
	close(open(path_in(p, "aside/data.mdb"), O_WRONLY | O_CREAT, 0600));
	assert_int_equal(spool_create(&p->o, why, sizeof why), 0);
	spool_close(opened(p));
	unlink(path_in(p, "data.mdb"));
	refused_to_open(p, SPOOL_NONE, "create");
	assert_int_equal(access(path_in(p, "data.mdb"), F_OK), -1);
}

static void
knows_layouts(void **state)
{
	static const struct {
		const char *line;
		enum spool_status st;
		const char *words;
	} rows[] = {
	    {"bangway-spool 9 word 64 order little page 4096", SPOOL_FORMAT, "format 9"},
	    {"bangway-spool 1 word 32 order little page 4096", SPOOL_REFUSED, "word 32"},
	    {"bangway-spool 1 word 64 order big page 4096", SPOOL_REFUSED, "big"},
	    {"something else", SPOOL_DAMAGED, "gate"},
	};
	struct place *p = *state;
	char line[65];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(line, sizeof line, "%-63s\n", rows[i].line);
		overwrite(p, "gate", 0, line, 64);
		refused_to_open(p, rows[i].st, rows[i].words);
	}
}

static void
knows_its_format(void **state)
{
	struct spool *s = opened(*state);
	struct pack k = {0};
	struct txn t;

	assert_int_equal(txn_begin_write(&t, s), 0);
	pack_u32(&k, 2);
	txn_put_pack(&t, DB_MAIN, key_text("format"), &k);
	assert_int_equal(txn_commit(&t), 0);
	spool_close(s);
	refused_to_open(*state, SPOOL_FORMAT, "format 2");
}

static void
refuses_strange_places(void **state)
{
	static const struct {
		long magic;
		bool refused;
	} rows[] = {
	    {0x6969, true},  {(int)0xff534d42, true}, {0x65735546, true},  {0x01021997, true},
	    {0xef53, false}, {0x01021994, false},     {0x58465342, false}, {(int)0x9123683e, false},
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(place_refused(rows[i].magic) != NULL, rows[i].refused);
	chmod(p->spool, 0755);
	refused_to_open(p, SPOOL_REFUSED, "chmod 700");
	chmod(p->spool, 0700);
	if (geteuid() == 0) {
		assert_int_equal(chown(p->spool, 12345, 12345), 0);
		refused_to_open(p, SPOOL_REFUSED, "12345");
		assert_int_equal(chown(p->spool, 0, 0), 0);
	}
}

/* Root becomes the owner before it touches anything. */
static void
root_becomes_the_owner(void **state)
{
	struct place *p = *state;
	struct spool *s;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		return; /* nobody else can become anybody */
	pid = fork();
	if (pid == 0) {
		static const char *const names[] = {"", "gate", "data.mdb", "wake"};
		size_t i;

		for (i = 0; i < 4; i++)
			if (chown(path_in(p, names[i]), 12345, 12346) < 0 ||
			    chmod(p->dir, 0755) < 0)
				_exit(1);
		p->o.uid_from_owner = 1;
		if (spool_open(&s, &p->o) < 0)
			_exit(2);
		spool_close(s);
		_exit(getuid() == 12345 && geteuid() == 12345 && getegid() == 12346 ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Somebody holds the gate, from a namespace other than ours, or from ours. */
static void
one_pid_namespace_at_a_time(void **state)
{
	struct place *p = *state;
	char line[65];
	int fd;

	p->o.lock_wait_ms = 50;
	snprintf(line, sizeof line, "%-63s\n", "pid-namespace 17");
	overwrite(p, "gate", 64, line, 64);
	fd = open(path_in(p, "gate"), O_RDWR);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	refused_to_open(p, SPOOL_REFUSED, "namespace");
	close(fd); /* now they are gone, and it is ours */
	spool_close(opened(p));
	fd = open(path_in(p, "gate"), O_RDWR);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	spool_close(opened(p));
	close(fd);
}

static unsigned
ms_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned)((now.tv_sec - then->tv_sec) * 1000 +
	                  (now.tv_nsec - then->tv_nsec) / 1000000);
}

/* A writer that is stopped does not stop others for ever, even with SIGALRM ignored. */
static void
locks_have_a_deadline(void **state)
{
	struct place *p = *state;
	struct spool_change *c;
	struct timespec then;
	struct spool *s;
	int fd;

	signal(SIGALRM, SIG_IGN);
	p->o.lock_wait_ms = 100;
	s = opened(p);
	fd = open(path_in(p, "lock"), O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	clock_gettime(CLOCK_MONOTONIC, &then);
	c = spool_change_new(s);
	spool_accept(c, letter(s, "x\n", "a", "d", 2), 5, NULL);
	assert_int_equal(spool_commit(c), -1);
	assert_int_equal(spool_status(s), SPOOL_BUSY);
	assert_in_range(ms_since(&then), 90, 5000);
	close(fd);
	assert_int_equal(spool_commit(c), 0); /* the same change, later */
	spool_change_free(c);
	assert_int_equal(counted(s).messages, 1);
	spool_close(s);
	signal(SIGALRM, SIG_DFL);
}

static void
wait_for(int fd)
{
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
}

/*
 * Compacting while a process is stopped between open and commit: compact says
 * that the spool is busy, and nothing of what the process commits is lost.
 */
static void
compact_waits_for_holders(void **state)
{
	struct place *p = *state;
	char why[300] = "", c = 0;
	int to[2], from[2], status;
	struct spool *s;
	pid_t pid;

	assert_int_equal(pipe(to) | pipe(from), 0);
	pid = fork();
	if (pid == 0) {
		s = opened(p);
		c = write(from[1], &c, 1) == 1;
		wait_for(to[0]);
		accepted(s, letter(s, "not lost\n", "a", "d", 2), 5);
		spool_close(s);
		_exit(0);
	}
	wait_for(from[0]);
	p->o.lock_wait_ms = 100;
	assert_int_equal(spool_compact(&p->o, why, sizeof why), -1);
	assert_non_null(strstr(why, "stop them"));
	assert_int_equal(write(to[1], &c, 1), 1);
	p->o.lock_wait_ms = 5000;
	if (spool_compact(&p->o, why, sizeof why) < 0) /* waits for it to end */
		fail_msg("%s", why);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	s = opened(p);
	assert_int_equal(counted(s).messages, 1);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
there_is_one_daemon(void **state)
{
	struct place *p = *state;
	struct spool *s = opened(p), *other;
	int status;
	pid_t pid;

	assert_false(spool_claimed(s));
	assert_int_equal(spool_claim(s), 0);
	assert_true(spool_claimed(s));
	pid = fork();
	if (pid == 0) {
		if (spool_open(&other, &p->o) < 0 || !spool_claimed(other) || !spool_claimed(other))
			_exit(1);
		_exit(spool_claim(other) < 0 && spool_status(other) == SPOOL_BUSY ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	spool_close(s);
	s = opened(p);
	assert_false(spool_claimed(s));
	spool_close(s);
}

static void
the_daemon_is_woken(void **state)
{
	struct spool *s = opened(*state);
	struct pollfd fd = {.events = POLLIN};
	char got[8];
	int i;

	spool_wake(s); /* nobody listens: nothing happens */
	fd.fd = spool_wake_fd(s);
	assert_true(fd.fd >= 0);
	assert_int_equal(poll(&fd, 1, 0), 0);
	spool_wake(s);
	assert_int_equal(poll(&fd, 1, 0), 1);
	assert_int_equal(read(fd.fd, got, sizeof got), 1);
	assert_int_equal(poll(&fd, 1, 0), 0); /* no end of file though the writer went */
	for (i = 0; i < 70000; i++)
		spool_wake(s); /* a full FIFO is awake enough */
	spool_close(s);
}

static void
a_cut_file_is_told(void **state)
{
	struct place *p = *state;
	struct spool *s = opened(p);

	accepted(s, letter(s, "x\n", "a", "d", 2), 5);
	spool_close(s);
	assert_int_equal(truncate(path_in(p, "data.mdb"), 3 * 4096), 0);
	refused_to_open(p, SPOOL_DAMAGED, "cut");
}

/* Every page behind the first two is noise: whoever reads it may die of it, but not us. */
static void
damage_is_met_by_a_child(void **state)
{
	struct place *p = *state;
	struct spool *s = opened(p);
	char noise[4096];
	int i;

	for (i = 0; i < 50; i++)
		accepted(s, letter(s, "x\n", "a", "d", 2), 5);
	spool_close(s);
	for (i = 0; i < 4096; i++)
		noise[i] = (char)(i * 2654435761u >> 13);
	for (i = 2; i < 60; i++)
		overwrite(p, "data.mdb", (off_t)i * 4096 + 16, noise, 4080);
	spool_suspect(p->spool);
	assert_int_equal(access(path_in(p, "suspect"), F_OK), 0);
	refused_to_open(p, SPOOL_DAMAGED, "");
	assert_int_equal(access(path_in(p, "suspect"), F_OK), 0);
}

static void
suspicion_ends_with_a_look(void **state)
{
	struct place *p = *state;
	struct spool *s;

	spool_suspect("/nonexistent");
	spool_suspect(p->spool);
	s = opened(p);
	assert_int_equal(access(path_in(p, "suspect"), F_OK), -1);
	spool_close(s);
}

static void
lives_in_little_address_space(void **state)
{
	struct place *p = *state;
	struct rlimit most = {UINT64_C(3) << 30, UINT64_C(3) << 30};
	struct spool *s;
	int status;
	pid_t pid;

#ifdef __SANITIZE_ADDRESS__
	return; /* the sanitizer needs terabytes of it */
#endif
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_AS, &most);
		s = opened(p);
		accepted(s, letter(s, "x\n", "a", "d", 2), 5);
		spool_close(s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    spool_test(creates_once),
	    spool_test(files_are_ours_alone),
	    spool_test(half_made_is_not_opened),
	    spool_test(knows_layouts),
	    spool_test(knows_its_format),
	    spool_test(refuses_strange_places),
	    spool_test(root_becomes_the_owner),
	    spool_test(one_pid_namespace_at_a_time),
	    spool_test(locks_have_a_deadline),
	    spool_test(compact_waits_for_holders),
	    spool_test(there_is_one_daemon),
	    spool_test(the_daemon_is_woken),
	    spool_test(a_cut_file_is_told),
	    spool_test(damage_is_met_by_a_child),
	    spool_test(suspicion_ends_with_a_look),
	    spool_test(lives_in_little_address_space),
	};

	return cmocka_run_group_tests_name("spool_place", tests, NULL, NULL);
}
