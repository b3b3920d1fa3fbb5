/*
 * The doors: programs that uuxqt starts, once per job, with a remote machine's
 * words as arguments. They may be set-uid to the spool's owner, so nothing
 * that was inherited is trusted: not the environment, the umask, the signals,
 * the limits, the descriptors or the working directory.
 */
#ifndef INTAKE_DOOR_H
#define INTAKE_DOOR_H

#include <stdbool.h>
#include <sys/types.h>

struct door {
	const char *program;
	const char *config_path; /* of BANGWAY_CONFIG where it may be believed, else built in */
	bool set_uid;            /* runs with more rights than its caller's */
	bool under_uuxqt;        /* UU_MACHINE is set: 0 and 75 are the only exit codes */
	uid_t caller;            /* the real user */
	const char *machine;     /* UU_MACHINE; "" none. Believed only as door_believes() says */
	const char *user;        /* UU_USER; "" none. Never proof of anything */
};

/* Called first in main(). Copies what it keeps of the environment and empties it. */
void door_enter(struct door *d, const char *program);

/* UU_MACHINE is uuxqt's word: from a set-uid program's caller only when that is uucp itself. */
bool door_believes(const struct door *d, const char *uucp_user);

/* Root becomes the directory's owner, for good. 0, or -1 with errno. Others: nothing to do. */
int door_become_owner(const char *directory);

/* The login name of the caller, from /etc/passwd alone; "" unknown. Static storage. */
const char *door_caller_name(const struct door *d);

#endif
