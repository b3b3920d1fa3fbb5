#include "bridge/base/supervisor.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
address(struct sockaddr_un *sa, socklen_t *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path != NULL ? strlen(path) : 0;

	if (length < 2 || length >= sizeof sa->sun_path || (path[0] != '/' && path[0] != '@'))
		return -1;
	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path, length);
	if (path[0] == '@') /* Linux's abstract names */
		sa->sun_path[0] = '\0';
	*n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return 0;
}

void
supervisor_tell(const char *fmt, ...)
{
	struct sockaddr_un sa;
	socklen_t n;
	char text[512];
	va_list ap;
	int fd, length;

	if (address(&sa, &n) != 0)
		return;
	va_start(ap, fmt);
	length = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (length < 0)
		return;
	if ((size_t)length >= sizeof text)
		length = sizeof text - 1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	while (sendto(fd, text, (size_t)length, MSG_NOSIGNAL, (struct sockaddr *)&sa, n) < 0 &&
	       errno == EINTR)
		;
	close(fd);
}

unsigned
supervisor_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long us = usec != NULL ? strtoull(usec, NULL, 10) : 0;

	if (pid != NULL && strtoll(pid, NULL, 10) != (long long)getpid())
		return 0;
	return us / 2000 < 3600000 ? (unsigned)(us / 2000) : 3600000;
}
