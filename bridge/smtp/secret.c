#include "bridge/smtp/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
secret_fault(struct secret *s, const char *file, const char *words)
{
	snprintf(s->error, sizeof s->error, "%.200s: %s", file, words);
	return -1;
}

static int
secret_split(struct secret *s, const char *file)
{
	char *colon;

	s->line[strcspn(s->line, "\r\n")] = '\0';
	colon = strchr(s->line, ':');
	if (colon == NULL || colon == s->line || colon[1] == '\0')
		return secret_fault(s, file, "the first line is not user:password");
	*colon = '\0';
	s->user = s->line;
	s->password = colon + 1;
	return 0;
}

int
secret_read(struct secret *s, const char *file)
{
	struct stat st;
	ssize_t n;
	int fd;

	memset(s, 0, sizeof *s);
	s->user = s->password = "";
	if (file[0] == '\0')
		return 0;
	if ((fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0)
		return secret_fault(s, file, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
		close(fd);
		return secret_fault(s, file, "is not a file that its owner alone can read");
	}
	n = read(fd, s->line, sizeof s->line - 1);
	close(fd);
	if (n < 0)
		return secret_fault(s, file, strerror(errno));
	return secret_split(s, file);
}

void
secret_wipe(struct secret *s)
{
	explicit_bzero(s->line, sizeof s->line);
	s->user = s->password = "";
}
