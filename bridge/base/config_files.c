/*
 * Are the files that the configuration names what they should be? A secret
 * that others may read is one no longer; a certificate store that is missing
 * would be found at sea.
 */
#include "bridge/base/config_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MOST 4096

/* Whose the daemon is: the spool's owner, or who asks when there is no spool yet. */
static uid_t
daemon_uid(const struct config *c)
{
	struct stat st;

	return stat(c->spool.directory, &st) == 0 ? st.st_uid : geteuid();
}

/* One line "user:password". */
static bool
is_secret(int fd)
{
	char text[SECRET_MOST];
	ssize_t n = read(fd, text, sizeof text);
	struct span rest = {text, n > 0 ? (size_t)n : 0}, line = span_cut(&rest, '\n');
	struct span user = span_cut(&line, ':');
	bool good = user.n > 0 && line.n > 0 && span_trim(rest).n == 0;

	explicit_bzero(text, sizeof text);
	return good;
}

static void
check_secret(struct config_reader *r, const struct config_route *route, uid_t owner)
{
	int fd = open(route->auth_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		config_fault(r, route->place, "auth: %s cannot be read: %s", route->auth_file,
		             strerror(errno));
	else if (st.st_uid != owner)
		config_fault(
		    r, route->place,
		    "auth: %s must belong to the spool's owner, with mode 600: chown %lu it",
		    route->auth_file, (unsigned long)owner);
	else if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		config_fault(r, route->place,
		             "auth: %s must be a file that its owner alone may read: chmod 600 it",
		             route->auth_file);
	else if (!is_secret(fd))
		config_fault(r, route->place, "auth: %s must hold one line: user:password",
		             route->auth_file);
	if (fd >= 0)
		close(fd);
}

static void
check_certificates(struct config_reader *r, const struct config_route *route)
{
	int fd = open(route->ca_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		config_fault(r, route->place, "ca-file: %s cannot be read: %s", route->ca_file,
		             strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_size == 0)
		config_fault(r, route->place, "ca-file: %s is not a file of certificates",
		             route->ca_file);
	if (fd >= 0)
		close(fd);
}

int
config_check_files(const struct config *c, struct config_faults *faults)
{
	struct config_reader r = {.faults = faults};
	uid_t owner = daemon_uid(c);
	size_t i;

	*faults = (struct config_faults){0};
	for (i = 0; i < c->nroutes; i++) {
		if (c->routes[i].auth_file[0] != '\0')
			check_secret(&r, &c->routes[i], owner);
		if (c->routes[i].ca_file[0] != '\0')
			check_certificates(&r, &c->routes[i]);
	}
	return faults->n == 0 && !faults->names.bad ? 0 : -1;
}
