#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/schedule/maildir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct text {
	const char *p;
	size_t at, fail_at; /* fail_at 0: never */
};

static int
read_text(void *arg, void *p, size_t room, size_t *n, struct verdict *v)
{
	struct text *t = arg;
	size_t left = strlen(t->p) - t->at;

	if (t->fail_at > 0 && t->at >= t->fail_at) {
		verdict_set(v, OUTCOME_NEVER, SCOPE_MESSAGE, 0, "5.6.3", "no such content");
		return -1;
	}
	*n = left < 5 ? left : 5;
	assert_true(*n <= room);
	memcpy(p, t->p + t->at, *n);
	t->at += *n;
	return 0;
}

static char root[] = "/tmp/bangway-maildir.XXXXXX";

static int
make_root(void **state)
{
	(void)state;
	return mkdtemp(root) != NULL ? 0 : -1;
}

static int
remove_root(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command);
}

/* The files in one folder of a maildir; the last one's name and text. */
static int
files(const char *maildir, const char *folder, char text[256])
{
	char path[1024];
	struct dirent *e;
	int n = 0;
	ssize_t k;
	DIR *d;

	snprintf(path, sizeof path, "%s/%s", maildir, folder);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		int fd = openat(dirfd(d), e->d_name, O_RDONLY);
		k = read(fd, text, 255);
		text[k > 0 ? k : 0] = '\0';
		close(fd);
		assert_null(strchr(e->d_name, ':'));
		n++;
	}
	closedir(d);
	return n;
}

static void
deliver(const char *path, uint8_t uuid, uint32_t rcpt, struct text *t, struct verdict *v)
{
	struct maildir_letter m = {.path = path,
	                           .fixed = strlen(root) + 1,
	                           .hostname = "gw/ex:ample.com",
	                           .rcpt = rcpt,
	                           .read = read_text,
	                           .arg = t};

	memset(m.uuid, uuid, sizeof m.uuid);
	memset(v, 0, sizeof *v);
	maildir_deliver(&m, v);
}

static void
delivers_once(void **state)
{
	char path[64], text[256];
	struct text t = {.p = "From: a\n\nhello there\n"};
	struct verdict v;
	struct stat st;

	(void)state;
	snprintf(path, sizeof path, "%s/piet", root);
	deliver(path, 1, 0, &t, &v);
	assert_int_equal(v.outcome, OUTCOME_SENT);
	assert_int_equal(files(path, "new", text), 1);
	assert_string_equal(text, t.p);
	assert_int_equal(files(path, "tmp", text), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* Again, as after a crash before the settlement: the same letter. */
	t.at = 0;
	deliver(path, 1, 0, &t, &v);
	assert_int_equal(v.outcome, OUTCOME_SENT);
	assert_int_equal(files(path, "new", text), 1);
	/* Another recipient with the same mailbox, and another message. */
	t.at = 0;
	deliver(path, 1, 1, &t, &v);
	t.at = 0;
	deliver(path, 2, 0, &t, &v);
	assert_int_equal(files(path, "new", text), 3);
}

static void
replaces_half_a_letter(void **state)
{
	char path[64], text[256], half[200];
	struct text t = {.p = "short\n"};
	struct verdict v;
	int fd;

	(void)state;
	snprintf(path, sizeof path, "%s/half", root);
	deliver(path, 1, 0, &t, &v);
	/* What a crash would leave: the name that the next one will use, with more in it. */
	snprintf(half, sizeof half, "%s/tmp/02020202020202020202020202020202.R0.gw_ex_ample.com",
	         path);
	fd = open(half, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "a longer text, half of a letter", 31), 31);
	close(fd);
	t.at = 0;
	deliver(path, 2, 0, &t, &v);
	assert_int_equal(v.outcome, OUTCOME_SENT);
	assert_int_equal(files(path, "tmp", text), 0);
	assert_int_equal(files(path, "new", text), 2);
	assert_string_equal(text, "short\n");
}

static void
says_what_is_wrong(void **state)
{
	char path[96], text[256];
	struct text t = {.p = "a text of some length\n", .fail_at = 10};
	struct verdict v;
	int fd;

	(void)state;
	/* The content cannot be read: its verdict, and nothing is left behind. */
	snprintf(path, sizeof path, "%s/fails", root);
	deliver(path, 1, 0, &t, &v);
	assert_int_equal(v.outcome, OUTCOME_NEVER);
	assert_string_equal(v.status, "5.6.3");
	assert_int_equal(files(path, "new", text), 0);
	assert_int_equal(files(path, "tmp", text), 0);
	/* A file where the maildir should be: it may be mended. */
	t = (struct text){.p = "x\n"};
	snprintf(path, sizeof path, "%s/file", root);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	close(fd);
	deliver(path, 1, 0, &t, &v);
	assert_int_equal(v.outcome, OUTCOME_LATER);
	assert_int_equal(v.scope, SCOPE_DELIVERY);
	assert_non_null(strstr(v.words, path));
}

static void
makes_what_is_below_the_fixed_part(void **state)
{
	char path[96], text[256];
	struct text t = {.p = "x\n"};
	struct maildir_letter m = {.path = path, .hostname = "gw", .read = read_text, .arg = &t};
	struct verdict v = {0};
	struct stat st;

	(void)state;
	snprintf(path, sizeof path, "%s/gw.example.com//ann/Maildir/", root);
	deliver(path, 1, 0, &t, &v);
	assert_int_equal(v.outcome, OUTCOME_SENT);
	assert_int_equal(files(path, "new", text), 1);
	snprintf(path, sizeof path, "%s/gw.example.com", root);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* What they stand in is not made, nor what a link that leads nowhere names. */
	t.at = 0;
	m.fixed = (size_t)snprintf(path, sizeof path, "%s/missing/", root);
	snprintf(path + m.fixed, sizeof path - m.fixed, "ann");
	maildir_deliver(&m, &v);
	assert_int_equal(v.outcome, OUTCOME_LATER);
	assert_non_null(strstr(v.words, "missing/ann"));
	snprintf(path, sizeof path, "%s/link", root);
	assert_int_equal(symlink("elsewhere", path), 0);
	snprintf(path, sizeof path, "%s/link/ann", root);
	deliver(path, 1, 0, &t, &v);
	assert_int_equal(v.outcome, OUTCOME_LATER);
	snprintf(path, sizeof path, "%s/elsewhere", root);
	assert_int_equal(access(path, F_OK), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(delivers_once),
	    cmocka_unit_test(replaces_half_a_letter),
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(makes_what_is_below_the_fixed_part),
	};

	return cmocka_run_group_tests_name("maildir", tests, make_root, remove_root);
}
