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
#define KEY_LEAST   32

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

static bool
is_key(struct span text)
{
	return text.n >= KEY_LEAST && text.n < SECRET_MOST;
}

static bool
holds(int fd, bool (*is_sound)(struct span text))
{
	char text[SECRET_MOST];
	ssize_t n = read(fd, text, sizeof text);
	bool good = n > 0 && is_sound((struct span){text, (size_t)n});

	explicit_bzero(text, sizeof text);
	return good;
}

struct secret_file {
	struct config_place place;
	const char *key, *name; /* of the setting, of the file */
	bool (*is_sound)(struct span text);
	const char *must; /* hold */
};

static void
check_secret(struct config_reader *r, const struct secret_file *f, uid_t owner)
{
	int fd = open(f->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		config_fault(r, f->place, "%s: %s cannot be read: %s", f->key, f->name,
		             strerror(errno));
	else if (st.st_uid != owner)
		config_fault(r, f->place,
		             "%s: %s must belong to the spool's owner, with mode 600: chown %lu it",
		             f->key, f->name, (unsigned long)owner);
	else if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		config_fault(r, f->place,
		             "%s: %s must be a file that its owner alone may read: chmod 600 it",
		             f->key, f->name);
	else if (!holds(fd, f->is_sound))
		config_fault(r, f->place, "%s: %s must hold %s", f->key, f->name, f->must);
	if (fd >= 0)
		close(fd);
}

static void
check_secrets(struct config_reader *r, const struct config *c)
{
	uid_t owner = daemon_uid(c);
	struct secret_file f = {.key = "secret",
	                        .name = c->secret,
	                        .is_sound = is_key,
	                        .must = "32 octets or more, and less than 4096"};
	size_t i;

	if (c->secret[0] != '\0')
		check_secret(r, &f, owner);
	f = (struct secret_file){
	    .key = "auth", .is_sound = is_login, .must = "one line: user:password"};
	for (i = 0; i < c->nroutes; i++) {
		f.place = c->routes[i].place;
		f.name = c->routes[i].auth_file;
		if (f.name[0] != '\0')
			check_secret(r, &f, owner);
	}
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
