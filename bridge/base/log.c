#include "bridge/base/log.h"

#include "bridge/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_MAX_BYTES 8000 /* past what a syslog datagram holds everywhere, near enough */

static struct {
	const char *program;
	unsigned where;
	enum log_level most;
	bool door;
	int wait_ms; /* for a logger that does not read */
	const char *socket_path;
} state = {"bangway", LOG_TO_STDERR, LEVEL_INFO, false, 0, "/dev/log"};

void
log_open(const char *program, unsigned where, enum log_level most)
{
	state.program = program;
	state.where = where;
	state.most = most;
	state.door = false;
	state.wait_ms = 50;
}

void
log_open_door(const char *program)
{
	log_open(program, LOG_TO_STDERR | LOG_TO_SYSLOG, LEVEL_INFO);
	state.door = true;
	state.wait_ms = 1000;
}

void
log_socket(const char *path)
{
	state.socket_path = path;
}

bool
log_says(enum log_level level)
{
	return level <= state.most;
}

static int
syslog_priority(enum log_level level)
{
	static const int priorities[] = {
	    [LEVEL_ERROR] = LOG_ERR,
	    [LEVEL_WARN] = LOG_WARNING,
	    [LEVEL_INFO] = LOG_INFO,
	    [LEVEL_DEBUG] = LOG_DEBUG,
	};

	return LOG_MAIL | priorities[level];
}

/* A datagram to the logger, connected and sent within wait_ms: 0, or -1. */
static int
syslog_send(const void *p, size_t n)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct pollfd ready = {.events = POLLOUT};
	ssize_t sent = -1;
	int fd;

	snprintf(sa.sun_path, sizeof sa.sun_path, "%s", state.socket_path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0) {
		sent = send(fd, p, n, MSG_NOSIGNAL);
		ready.fd = fd;
		if (sent < 0 && errno == EAGAIN && poll(&ready, 1, state.wait_ms) == 1)
			sent = send(fd, p, n, MSG_NOSIGNAL);
	}
	close(fd);
	return sent == (ssize_t)n ? 0 : -1;
}

/* The time is left to the logger: it has the zone, and every one of them adds it. */
static int
to_syslog(enum log_level level, struct span text)
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof line, "<%d>%s[%ld]: %.*s", syslog_priority(level),
	                 state.program, (long)getpid(), (int)text.n, text.p);

	return syslog_send(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static void
to_stderr(struct span text)
{
	char line[LINE_MAX_BYTES], at[CLOCK_TEXT + 1] = "";
	size_t n;

	if ((state.where & LOG_WITH_TIMES) != 0) {
		clock_text_iso(clock_wall_s(), at);
		strcat(at, " ");
	}
	n = (size_t)snprintf(line, sizeof line - 1, "%s%s[%ld]: %.*s", at, state.program,
	                     (long)getpid(), (int)text.n, text.p);
	if (n > sizeof line - 2)
		n = sizeof line - 2;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0) {
		/* there is nobody left to tell */
	}
}

void
log_text(enum log_level level, struct span text)
{
	int kept = errno;
	bool said = false;

	if (!log_says(level))
		return;
	if (text.n > LINE_MAX_BYTES)
		text.n = LINE_MAX_BYTES;
	if ((state.where & LOG_TO_SYSLOG) != 0)
		said = to_syslog(level, text) == 0;
	/* a door's stderr goes into a failure mail, where news of success has no place */
	if ((state.where & LOG_TO_STDERR) != 0 && (!state.door || level <= LEVEL_WARN))
		to_stderr(text);
	else if (!said)
		to_stderr(text);
	errno = kept;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	struct buf words = {0}, text = {0};
	va_list ap;

	if (!log_says(level))
		return;
	va_start(ap, fmt);
	buf_vfmt(&words, fmt, ap);
	va_end(ap);
	buf_escape(&text, buf_view(&words));
	/* without memory the bare format still says what it was about */
	log_text(level, words.bad || text.bad ? span_of(fmt) : buf_view(&text));
	buf_free(&words);
	buf_free(&text);
}
