/*
 * Are the files that the configuration names what they should be? A secret
 * that others may read is one no longer; a certificate store that is missing
 * would be found at sea.
 */
#include "bridge/base/config_int.h"
#include "bridge/base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whose the daemon is: the spool's owner, or who asks when there is no spool yet. */
static uid_t
daemon_uid(const struct config *c)
{
	struct stat st;

	return stat(c->spool.directory, &st) == 0 ? st.st_uid : geteuid();
}

/* One line "user:password". */
static bool
is_login(struct span text)
{
	struct span rest = text, line = span_cut(&rest, '\n');
	struct span user = span_cut(&line, ':');

	return user.n > 0 && line.n > 0 && span_trim(rest).n == 0;
}

static void
check_key(struct config_reader *r, const struct config *c, uid_t owner)
{
	struct private_file f;
	struct buf why = {0};

	if (private_file_read_key(&f, c->secret, owner, &why) != 0)
		config_fault(r, config_place(c, "secret"), "secret: %s %s", c->secret,
		             buf_text(&why));
	private_file_wipe(&f);
	buf_free(&why);
}

static void
check_login(struct config_reader *r, const struct config_route *route, uid_t owner)
{
	struct private_file f;
	struct buf why = {0};

	if (private_file_read(&f, route->auth_file, owner, &why) == 0 && !is_login(f.held))
		buf_str(&why, "must hold one line: user:password");
	if (why.n > 0)
		config_fault(r, route->place, "auth: %s %s", route->auth_file, buf_text(&why));
	private_file_wipe(&f);
	buf_free(&why);
}

static void
check_secrets(struct config_reader *r, const struct config *c)
{
	uid_t owner = daemon_uid(c);
	size_t i;

	if (c->secret[0] != '\0')
		check_key(r, c, owner);
	for (i = 0; i < c->nroutes; i++)
		if (c->routes[i].auth_file[0] != '\0')
			check_login(r, &c->routes[i], owner);
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
	size_t i;

	*faults = (struct config_faults){0};
	check_secrets(&r, c);
	for (i = 0; i < c->nroutes; i++)
		if (c->routes[i].ca_file[0] != '\0')
			check_certificates(&r, &c->routes[i]);
	return faults->n == 0 && !faults->names.bad ? 0 : -1;
}
