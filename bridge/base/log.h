/*
 * The log: one line per event, to stderr, to syslog, or to both.
 *
 * A line on stderr reads "PROGRAM[PID]: text". Syslog is spoken to directly
 * (facility mail): libc's syslog(3) waits without limit for a logger that has
 * stopped reading, and reads the time zone's file at each start of a door.
 * Nothing here uses NSS, so it works in a static program. Lines are sent
 * whole, each with one write. [any thread]
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "bridge/base/buf.h"

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

/* Where lines go: bits. LOG_SYSLOG and its like are syslog.h's. */
#define LOG_TO_STDERR  1u
#define LOG_TO_SYSLOG  2u
#define LOG_WITH_TIMES 4u /* stderr's lines begin with the time, for a stderr that is a file */

/*
 * Names the program (borrowed, kept) and where its lines go; lines above
 * `most` are dropped. Before this is called, lines go to stderr. May be called
 * again, by one thread alone.
 */
void log_open(const char *program, unsigned where, enum log_level most);

/*
 * For the doors that uuxqt runs: it throws stderr away when we answer 75, so
 * every error and warning goes to syslog too; the rest to syslog alone. A
 * logger that does not read is waited for, but not for long.
 */
void log_open_door(const char *program);

/* Whether a line of this level would go anywhere: for lines that cost something to make. */
bool log_says(enum log_level level);

/* One line in words. Control characters are made visible (buf_escape). */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One line as it stands, made by event_line() and already escaped. */
void log_text(enum log_level level, struct span text);

/* The logger's socket, kept; "/dev/log" unless said. For tests. */
void log_socket(const char *path);

#endif
