/*
 * How often has this job killed its parser? One small file a job in `crash/`
 * beside the data, an octet for each death, so that no poison letter is tried
 * for ever (uuxqt's 75 has no limit). It is a count, not mail: losing it
 * costs one more try.
 */
#ifndef INTAKE_CRASH_H
#define INTAKE_CRASH_H

#define CRASH_KEY  33 /* 32 hex digits and the NUL */
#define CRASH_MOST 2  /* deaths after which the bytes are set aside unparsed */

unsigned crash_count(const char *spool_directory, const char *key);
/* Also forgets notes older than keep_days. 0, or -1 with errno. */
int crash_note(const char *spool_directory, const char *key, unsigned keep_days);
void crash_forget(const char *spool_directory, const char *key);

#endif
