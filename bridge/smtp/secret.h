/*
 * The user and password of a route, from its file: one line "user:password".
 * The file must be readable by nobody but its owner.
 */
#ifndef SMTP_SECRET_H
#define SMTP_SECRET_H

#define SECRET_BYTES 1024

struct secret {
	char line[SECRET_BYTES];     /* "user" NUL "password" NUL */
	const char *user, *password; /* "" when there is no secret */
	char error[300];
};

/* Reads the file ("": there is none, which is no fault). 0, or -1 with error. Blocks on the disk.
 */
int secret_read(struct secret *s, const char *file);
void secret_wipe(struct secret *s);

#endif
