/*
 * Which job of uuxqt is this? A job that was killed between our commit and
 * uuxqt's own bookkeeping is run again, and must be taken once (FACTS U4).
 * It is known by its file, never by its content: letters of the 1980s have
 * neither Date nor Message-ID, and two equal ones are two letters.
 */
#ifndef INTAKE_JOB_H
#define INTAKE_JOB_H

#include "bridge/base/buf.h"
#include "bridge/intake/crash.h"
#include "bridge/intake/source.h"
#include "spool/spool.h"

#include <stdbool.h>

struct job {
	bool known;          /* standard input is a file that uuxqt gave */
	struct spool_job id; /* id.digest is set by job_finish() */
	char key[CRASH_KEY]; /* names it without its content: for crash.h */
	void *hash;          /* of arguments and content so far */
};

/*
 * site: "" when uuxqt did not bring it. arguments: without the program's name,
 * NULL at the end. 0, or -1 without memory; job_free() in any case.
 */
int job_identify(struct job *j, const char *site, char *const *arguments);
void job_add(struct job *j, struct span content);    /* as it came, every octet in order */
int job_add_source(struct job *j, struct source *s); /* all of it; 0, or -1 with errno */
void job_finish(struct job *j);
void job_free(struct job *j);

#endif
