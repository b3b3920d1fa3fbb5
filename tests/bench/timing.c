/*
 * timing: what a bench needs to be measured in one place and one way.
 *
 *   timing exec N FILE COMMAND...   runs COMMAND N times in sequence, FILE its
 *                                   standard input each time
 *   timing sync N DIR               appends 2 KiB and syncs, N times
 *
 * Prints the seconds for all N, and fails when a command does.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void
die(const char *what)
{
	fprintf(stderr, "timing: %s: %s\n", what, strerror(errno));
	exit(71);
}

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
run_once(const char *file, char **argv)
{
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, file, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if ((errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ)) != 0)
		die(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	if (waitpid(pid, &status, 0) < 0)
		die("wait");
	if (status != 0) {
		fprintf(stderr, "timing: %s ended with status %#x\n", argv[0], status);
		exit(70);
	}
}

static void
sync_once(int fd)
{
	static const char letter[2048];

	if (write(fd, letter, sizeof letter) != sizeof letter || fdatasync(fd) < 0)
		die("append and sync");
}

int
main(int argc, char **argv)
{
	long n = argc > 3 ? atol(argv[2]) : 0, i;
	char path[4096];
	double start;
	int fd;

	if (n > 0 && argc > 4 && strcmp(argv[1], "exec") == 0) {
		start = now_s();
		for (i = 0; i < n; i++)
			run_once(argv[3], argv + 4);
	} else if (n > 0 && argc == 4 && strcmp(argv[1], "sync") == 0) {
		snprintf(path, sizeof path, "%s/timing.sync", argv[3]);
		if ((fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600)) < 0)
			die(path);
		start = now_s();
		for (i = 0; i < n; i++)
			sync_once(fd);
		unlink(path);
	} else {
		fputs("usage: timing exec N FILE COMMAND...\n       timing sync N DIR\n", stderr);
		return 64;
	}
	printf("%.4f\n", now_s() - start);
	return 0;
}
