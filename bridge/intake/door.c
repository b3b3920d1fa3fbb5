/*
 * What a set-uid program must not inherit.
 *
 * uuxqt hands down umask 0, three descriptors, SIGALRM ignored, a working
 * directory that is emptied before the next job, and an environment of PATH,
 * HOME, TERM, SHELL, USER, UU_MACHINE and UU_USER (measured, Taylor 1.07). A
 * user who starts a set-uid door by hand may hand down anything at all.
 *
 * NSS is not used: a static program would load libraries for it, and a name
 * service that hangs would hang the job.
 */
#include "bridge/intake/door.h"

#include "bridge/base/config.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
keep_variable(const char *name)
{
	const char *value = getenv(name);
	char *copy = value ? strdup(value) : NULL;

	return copy ? copy : "";
}

/* A descriptor below 3 that is closed would be given to the spool, and written to as stderr. */
static void
open_standard_descriptors(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			_exit(75);
	closefrom(3);
}

static void
reset_signals(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL}, ign = {.sa_handler = SIG_IGN};
	sigset_t none;

	/* An ignored SIGCHLD would lose the worker's exit status. */
	sigaction(SIGCHLD, &dfl, NULL);
	/* Too large a write must be an error, not a death. */
	sigaction(SIGXFSZ, &ign, NULL);
	sigaction(SIGPIPE, &ign, NULL);
	/* Nor may a terminal's ^Z stop it with the spool's lock in its hand. */
	sigaction(SIGTSTP, &ign, NULL);
	sigaction(SIGTTIN, &ign, NULL);
	sigaction(SIGTTOU, &ign, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
raise_limit(int which)
{
	struct rlimit l;

	if (getrlimit(which, &l) == 0 && l.rlim_cur != l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		setrlimit(which, &l);
	}
}

static void
reset_limits(void)
{
	/* A core file would be other people's mail, in uuxqt's working directory. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	raise_limit(RLIMIT_FSIZE);
	raise_limit(RLIMIT_DATA);
	raise_limit(RLIMIT_AS);
}

void
door_enter(struct door *d, const char *program)
{
	*d = (struct door){.program = program, .caller = getuid()};
	open_standard_descriptors();
	umask(077);
	reset_signals();
	reset_limits();
	d->set_uid = getauxval(AT_SECURE) != 0 || geteuid() != getuid();
	d->config_path = config_path(NULL);
	d->under_uuxqt = getenv("UU_MACHINE") != NULL;
	d->machine = keep_variable("UU_MACHINE");
	d->user = keep_variable("UU_USER");
	if (d->config_path == getenv("BANGWAY_CONFIG"))
		d->config_path = keep_variable("BANGWAY_CONFIG");
	clearenv();
	/* The caller shall not be able to signal or trace what has the spool open. */
	if (geteuid() != getuid() && setresuid(geteuid(), geteuid(), geteuid()) != 0)
		_exit(75);
}

/* getpwnam without NSS. Static storage; NULL when there is no such user. */
static struct passwd *
find_user(const char *name, uid_t uid)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw = NULL;

	if (f == NULL)
		return NULL;
	while ((pw = fgetpwent(f)) != NULL)
		if (name ? strcmp(pw->pw_name, name) == 0 : pw->pw_uid == uid)
			break;
	fclose(f);
	return pw;
}

bool
door_believes(const struct door *d, const char *uucp_user)
{
	struct passwd *pw;

	if (!d->under_uuxqt || d->machine[0] == '\0')
		return false;
	if (!d->set_uid)
		return true;
	pw = find_user(uucp_user, 0);
	return pw != NULL && pw->pw_uid == d->caller;
}

const char *
door_caller_name(const struct door *d)
{
	struct passwd *pw = find_user(NULL, d->caller);

	return pw ? pw->pw_name : "";
}

int
door_become_owner(const char *directory)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (stat(directory, &st) != 0)
		return -1;
	if (st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) != 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) != 0)
		return -1;
	return setresuid(st.st_uid, st.st_uid, st.st_uid);
}
