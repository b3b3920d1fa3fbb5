#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A logger of our own, and a file in the place of stderr. */
static struct {
	char directory[40], socket[80], file[80];
	int logger, stderr_kept, captured;
	off_t seen;
} world;

static int
world_make(void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	(void)state;
	strcpy(world.directory, "/tmp/bangway-log-XXXXXX");
	if (mkdtemp(world.directory) == NULL)
		return -1;
	snprintf(world.socket, sizeof world.socket, "%s/log", world.directory);
	snprintf(world.file, sizeof world.file, "%s/stderr", world.directory);
	snprintf(sa.sun_path, sizeof sa.sun_path, "%s", world.socket);
	world.logger = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (bind(world.logger, (struct sockaddr *)&sa, sizeof sa) < 0)
		return -1;
	world.captured = open(world.file, O_RDWR | O_CREAT | O_APPEND, 0600);
	world.stderr_kept = dup(STDERR_FILENO);
	log_socket(world.socket);
	return dup2(world.captured, STDERR_FILENO) < 0 ? -1 : 0;
}

static int
world_end(void **state)
{
	(void)state;
	dup2(world.stderr_kept, STDERR_FILENO);
	unlink(world.socket);
	unlink(world.file);
	return rmdir(world.directory);
}

/* What stderr has got since the last call. */
static const char *
said(void)
{
	static char text[20000];
	ssize_t n = pread(world.captured, text, sizeof text - 1, world.seen);

	assert_true(n >= 0);
	text[n] = '\0';
	world.seen += n;
	return text;
}

/* The next datagram the logger has got, "" without one. */
static const char *
logged(void)
{
	static char text[20000];
	ssize_t n = recv(world.logger, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static const char *
with_pid(const char *fmt)
{
	static char text[300];

	snprintf(text, sizeof text, fmt, (long)getpid());
	return text;
}

static void
levels_and_places(void **state)
{
	(void)state;
	log_open("test", LOG_TO_STDERR, LEVEL_INFO);
	log_line(LEVEL_DEBUG, "unsaid");
	log_line(LEVEL_INFO, "one %d", 1);
	assert_string_equal(said(), with_pid("test[%ld]: one 1\n"));
	assert_string_equal(logged(), "");

	log_open("test", LOG_TO_SYSLOG, LEVEL_DEBUG);
	log_line(LEVEL_DEBUG, "two");
	assert_string_equal(logged(), with_pid("<23>test[%ld]: two"));
	log_line(LEVEL_ERROR, "three");
	assert_string_equal(logged(), with_pid("<19>test[%ld]: three"));
	assert_string_equal(said(), "");

	log_open("test", LOG_TO_STDERR | LOG_TO_SYSLOG | LOG_WITH_TIMES, LEVEL_WARN);
	log_line(LEVEL_WARN, "four");
	assert_string_equal(logged(), with_pid("<20>test[%ld]: four"));
	assert_string_equal(said() + 20, with_pid(" test[%ld]: four\n"));
}

static void
a_door_says_its_failures_twice(void **state)
{
	(void)state;
	log_open_door("rmail");
	log_line(LEVEL_WARN, "no spool");
	assert_string_equal(logged(), with_pid("<20>rmail[%ld]: no spool"));
	assert_string_equal(said(), with_pid("rmail[%ld]: no spool\n"));
	log_line(LEVEL_INFO, "taken");
	assert_string_equal(logged(), with_pid("<22>rmail[%ld]: taken"));
	assert_string_equal(said(), "");
}

static void
events_have_an_id_in_front(void **state)
{
	struct buf line = {0};

	(void)state;
	log_open("bangwayd", LOG_TO_STDERR, LEVEL_INFO);
	event_line(&line, EVENT_HELD, event_text("to", "a b"));
	event_log(EVENT_HELD, "K3F7", &line);
	assert_string_equal(said(), with_pid("bangwayd[%ld]: K3F7 held to=a\\x20b\n"));
	buf_clear(&line);
	event_line(&line, EVENT_STOP, event_text("reason", "SIGTERM"));
	event_log(EVENT_STOP, NULL, &line);
	assert_string_equal(said(), with_pid("bangwayd[%ld]: - stop reason=SIGTERM\n"));
	buf_free(&line);
}

static void
one_line_each(void **state)
{
	char longest[20000];

	(void)state;
	log_open("test", LOG_TO_STDERR | LOG_TO_SYSLOG, LEVEL_INFO);
	log_line(LEVEL_INFO, "%s", "a\nb\033[2Jc");
	assert_string_equal(said(), with_pid("test[%ld]: a\\x0ab\\x1b[2Jc\n"));
	assert_string_equal(logged(), with_pid("<22>test[%ld]: a\\x0ab\\x1b[2Jc"));
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	log_line(LEVEL_INFO, "%s", longest);
	assert_int_equal(strlen(said()), 7999);
	assert_int_equal(strlen(logged()), 7999);
}

/* Nobody reads: what was meant for syslog is said on stderr, and soon. */
static void
a_stuck_logger_is_not_waited_for(void **state)
{
	int64_t start;
	int i;

	(void)state;
	log_open("test", LOG_TO_SYSLOG, LEVEL_INFO);
	for (i = 0; i < 5000 && said()[0] == '\0'; i++)
		log_line(LEVEL_INFO, "line %d", i);
	assert_true(i < 5000);
	start = clock_mono_ms();
	log_line(LEVEL_INFO, "last");
	assert_string_equal(said(), with_pid("test[%ld]: last\n"));
	assert_true(clock_mono_ms() - start < 500);
	while (logged()[0] != '\0')
		continue;
	log_socket("/nonexistent/log");
	log_line(LEVEL_INFO, "nobody there");
	assert_string_equal(said(), with_pid("test[%ld]: nobody there\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(levels_and_places),
	    cmocka_unit_test(a_door_says_its_failures_twice),
	    cmocka_unit_test(events_have_an_id_in_front),
	    cmocka_unit_test(one_line_each),
	    cmocka_unit_test(a_stuck_logger_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("log", tests, world_make, world_end);
}
