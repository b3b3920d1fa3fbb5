#include "bridge/operator/control_client.h"

#include "bridge/operator/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX (16u << 20) /* a status with all its next hops is far below */

static int
failed(struct control_client *c, const char *what, int error)
{
	bool late = error == EAGAIN || error == EWOULDBLOCK;

	snprintf(c->why, sizeof c->why, "%s: %s", what,
	         late ? "the daemon does not answer in time" : strerror(error));
	return -1;
}

int
control_connect(struct control_client *c, const char *socket_path, unsigned wait_ms)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};

	*c = (struct control_client){.fd = -1, .in.max = ANSWER_MAX};
	if (strlen(socket_path) >= sizeof a.sun_path)
		return failed(c, socket_path, ENAMETOOLONG);
	strcpy(a.sun_path, socket_path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return failed(c, "socket", errno);
	if (setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
	    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0 ||
	    connect(c->fd, (struct sockaddr *)&a, sizeof a) != 0) {
		failed(c, socket_path, errno);
		control_close(c);
		return -1;
	}
	return 0;
}

void
control_close(struct control_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	buf_free(&c->in);
}

/* 0, or -1 with errno. A daemon that went away is an answer, no signal. */
static int
send_all(int fd, struct span left)
{
	ssize_t sent;

	while (left.n > 0) {
		sent = send(fd, left.p, left.n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -1;
		left.p += sent;
		left.n -= (size_t)sent;
	}
	return 0;
}

int
control_send(struct control_client *c, json_t *owned)
{
	char *text = json_dumps(owned, JSON_COMPACT);
	struct buf line = {0};
	int rc = -1;

	buf_str(&line, text != NULL ? text : "");
	buf_ch(&line, '\n');
	if (text == NULL || line.bad)
		failed(c, "asking the daemon", ENOMEM);
	else if (send_all(c->fd, buf_view(&line)) != 0)
		failed(c, "asking the daemon", errno);
	else
		rc = 0;
	buf_free(&line);
	free(text);
	json_decref(owned);
	return rc;
}

/* Reads until a whole line is there. 0, or -1 with c->why. */
static int
read_line(struct control_client *c)
{
	char piece[16384];
	ssize_t n;

	while (c->in.n == 0 || memchr(c->in.p, '\n', c->in.n) == NULL) {
		n = recv(c->fd, piece, sizeof piece, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(c, "asking the daemon", errno);
		if (n == 0)
			return failed(c, "the daemon closed the connection", ECONNRESET);
		buf_add(&c->in, piece, (size_t)n);
		if (c->in.bad)
			return failed(c, "the daemon's answer", EMSGSIZE);
	}
	return 0;
}

json_t *
control_receive(struct control_client *c)
{
	struct span rest, line;
	json_error_t error;
	json_t *answer;

	if (read_line(c) != 0)
		return NULL;
	rest = buf_view(&c->in);
	line = span_cut(&rest, '\n');
	answer = json_loadb(line.p, line.n, 0, &error);
	buf_drop(&c->in, line.n + 1);
	if (!json_is_object(answer)) {
		snprintf(c->why, sizeof c->why, "the daemon's answer is no JSON: %.100s",
		         error.text);
		json_decref(answer);
		return NULL;
	}
	return answer;
}

enum ending
control_ending(const json_t *answer, const char **words)
{
	static const enum ending endings[] = {
	    [CONTROL_USAGE] = ENDING_SOFTWARE, [CONTROL_NONE] = ENDING_NOINPUT,
	    [CONTROL_BUSY] = ENDING_TEMPORARY, [CONTROL_REFUSED] = ENDING_NOPERM,
	    [CONTROL_CONFIG] = ENDING_CONFIG,  [CONTROL_FAILED] = ENDING_IO,
	};
	static const char *const kinds[] = {
#define NAME(id, name, meaning) [CONTROL_##id] = name,
	    CONTROL_KINDS(NAME)
#undef NAME
	};
	const char *kind = json_string_value(json_object_get(answer, "kind"));
	const char *error = json_string_value(json_object_get(answer, "error"));
	size_t i;

	*words = "";
	if (json_is_true(json_object_get(answer, "ok")))
		return ENDING_DONE;
	*words = error != NULL ? error : "the daemon gave no reason";
	for (i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kind, kinds[i]) == 0)
			return endings[i];
	return ENDING_UNAVAILABLE;
}

json_t *
control_ask(const char *socket_path, unsigned wait_ms, json_t *owned, char why[200])
{
	struct control_client c;
	json_t *answer = NULL;

	if (control_connect(&c, socket_path, wait_ms) != 0)
		json_decref(owned);
	else if (control_send(&c, owned) == 0)
		answer = control_receive(&c);
	if (why != NULL)
		snprintf(why, 200, "%s", c.why);
	control_close(&c);
	return answer;
}
