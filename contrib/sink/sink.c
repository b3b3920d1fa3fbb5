/*
 * sink: an SMTP server that takes mail and shows or counts it. For the demo,
 * for tests and benches, and for whoever wants to see what bangway sends.
 *
 * It is honest about what it understands (PIPELINING, 8BITMIME, SIZE, DSN,
 * SMTPUTF8, ENHANCEDSTATUSCODES unless told to offer less), keeps the
 * envelope and the octets as they came, and is no mail server: what it takes
 * is written without a sync, or thrown away.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_CLIENTS 256
#define IN_BYTES    65536
#define OUT_BYTES   16384

struct text {
	char *p; /* owned */
	size_t n, size;
};

struct client {
	int fd; /* -1: free */
	char in[IN_BYTES];
	size_t in_n;
	char out[OUT_BYTES];
	size_t out_n;
	bool in_data, leaving;
	unsigned accepted; /* recipients of this transaction */
	struct text envelope, content;
};

static struct {
	const char *out_dir;
	const char *refuse; /* recipients with this text in them are refused for good */
	const char *defer;  /* ... for now */
	const char *words;  /* the words of EHLO, '\n' between */
	long count;         /* leave after so many messages; 0: never */
	unsigned delay_ms;  /* before each reply */
	bool quiet;
} opt = {.words = "PIPELINING\n8BITMIME\nSIZE 104857600\nDSN\nSMTPUTF8\nENHANCEDSTATUSCODES"};

static struct client *clients;
static long taken;
static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void
die(const char *what)
{
	fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
	exit(71);
}

static void
text_add(struct text *t, const char *p, size_t n)
{
	char *bigger;

	if (t->n + n + 1 > t->size) {
		size_t size = (t->n + n + 1) * 2;

		if ((bigger = realloc(t->p, size)) == NULL)
			die("memory");
		t->p = bigger;
		t->size = size;
	}
	memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = '\0';
}

/* Sends what is waiting; a client that does not read is waited for in poll(). */
static int
client_flush(struct client *c)
{
	while (c->out_n > 0) {
		ssize_t n = send(c->fd, c->out, c->out_n, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		memmove(c->out, c->out + n, c->out_n - (size_t)n);
		c->out_n -= (size_t)n;
	}
	return 0;
}

static void
client_say(struct client *c, const char *line)
{
	int n;

	if (opt.delay_ms > 0) {
		struct timespec t = {opt.delay_ms / 1000, (long)(opt.delay_ms % 1000) * 1000000};

		nanosleep(&t, NULL);
	}
	if (sizeof c->out - c->out_n < strlen(line) + 3 && client_flush(c) < 0)
		c->leaving = true;
	n = snprintf(c->out + c->out_n, sizeof c->out - c->out_n, "%s\r\n", line);
	if (n > 0 && (size_t)n < sizeof c->out - c->out_n)
		c->out_n += (size_t)n;
	else
		c->leaving = true;
}

static void
client_reset(struct client *c)
{
	c->accepted = 0;
	c->envelope.n = c->content.n = 0;
}

/* One file a message: the envelope as comment-like lines, an empty line, the octets. */
static void
message_write(struct client *c)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/%06ld.eml", opt.out_dir, taken);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644)) < 0)
		die(path);
	if (write(fd, c->envelope.p, c->envelope.n) < 0 || write(fd, "\n", 1) < 0 ||
	    (c->content.n > 0 && write(fd, c->content.p, c->content.n) < 0))
		die(path);
	close(fd);
}

static void
message_done(struct client *c)
{
	taken++;
	if (opt.out_dir != NULL)
		message_write(c);
	if (!opt.quiet) {
		printf("%s\n", c->envelope.p);
		fflush(stdout);
	}
	client_say(c, "250 2.0.0 taken");
	client_reset(c);
	if (opt.count > 0 && taken >= opt.count)
		stop = 1;
}

static void
say_ehlo(struct client *c, bool extended)
{
	const char *p = opt.words, *end;
	char line[600];

	if (!extended || *p == '\0') {
		client_say(c, "250 sink");
		return;
	}
	client_say(c, "250-sink");
	for (; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		snprintf(line, sizeof line, "250%c%.*s", *end != '\0' ? '-' : ' ', (int)(end - p),
		         p);
		client_say(c, line);
	}
}

static void
take_recipient(struct client *c, const char *line, size_t n)
{
	if (c->envelope.n == 0) {
		client_say(c, "503 5.5.1 MAIL first");
	} else if (opt.refuse != NULL && strstr(line, opt.refuse) != NULL) {
		client_say(c, "550 5.1.1 no such user here");
	} else if (opt.defer != NULL && strstr(line, opt.defer) != NULL) {
		client_say(c, "451 4.7.1 come back later");
	} else {
		text_add(&c->envelope, line, n);
		text_add(&c->envelope, "\n", 1);
		c->accepted++;
		client_say(c, "250 2.1.5 ok");
	}
}

static void
take_command(struct client *c, char *line, size_t n)
{
	if (strncasecmp(line, "EHLO", 4) == 0 || strncasecmp(line, "HELO", 4) == 0) {
		client_reset(c);
		say_ehlo(c, (line[0] | 0x20) == 'e');
	} else if (strncasecmp(line, "MAIL FROM:", 10) == 0) {
		client_reset(c);
		text_add(&c->envelope, line, n);
		text_add(&c->envelope, "\n", 1);
		client_say(c, "250 2.1.0 ok");
	} else if (strncasecmp(line, "RCPT TO:", 8) == 0) {
		take_recipient(c, line, n);
	} else if (strcasecmp(line, "DATA") == 0) {
		c->in_data = c->accepted > 0;
		client_say(c, c->in_data ? "354 go on" : "554 5.5.1 no recipients");
	} else if (strcasecmp(line, "RSET") == 0) {
		client_reset(c);
		client_say(c, "250 2.0.0 ok");
	} else if (strcasecmp(line, "NOOP") == 0) {
		client_say(c, "250 2.0.0 ok");
	} else if (strcasecmp(line, "QUIT") == 0) {
		client_say(c, "221 2.0.0 bye");
		c->leaving = true;
	} else {
		client_say(c, "500 5.5.2 not known here");
	}
}

static void
take_line(struct client *c, char *line, size_t n)
{
	if (!c->in_data) {
		line[n] = '\0';
		take_command(c, line, n);
	} else if (n == 1 && line[0] == '.') {
		c->in_data = false;
		message_done(c);
	} else if (opt.out_dir != NULL) {
		size_t stuffed = n > 0 && line[0] == '.';

		text_add(&c->content, line + stuffed, n - stuffed);
		text_add(&c->content, "\n", 1);
	}
}

/* Only CR LF ends a line. */
static int
client_lines(struct client *c)
{
	size_t at = 0;
	char *lf;

	while ((lf = memchr(c->in + at, '\n', c->in_n - at)) != NULL) {
		size_t n = (size_t)(lf - (c->in + at));

		if (n == 0 || lf[-1] != '\r') {
			client_say(c, "550 5.5.2 a line ended without CR LF");
			c->leaving = true;
			return 0;
		}
		take_line(c, c->in + at, n - 1);
		at += n + 1;
	}
	memmove(c->in, c->in + at, c->in_n - at);
	c->in_n -= at;
	return c->in_n == sizeof c->in ? -1 : 0;
}

static void
client_close(struct client *c)
{
	close(c->fd);
	c->fd = -1;
	free(c->envelope.p);
	free(c->content.p);
	memset(&c->envelope, 0, sizeof c->envelope);
	memset(&c->content, 0, sizeof c->content);
}

static void
client_serve(struct client *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_n, sizeof c->in - c->in_n, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->in_n += (size_t)n;
	if (n <= 0 || client_lines(c) < 0 || client_flush(c) < 0 || c->leaving)
		client_close(c);
}

static void
client_welcome(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
	size_t i;

	if (fd >= 0) /* a reply is not to wait for the client's acknowledgement of the one before */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	for (i = 0; fd >= 0 && i < MAX_CLIENTS; i++) {
		struct client *c = &clients[i];

		if (c->fd >= 0)
			continue;
		c->fd = fd;
		c->in_n = c->out_n = 0;
		c->in_data = c->leaving = false;
		client_reset(c);
		client_say(c, "220 sink ESMTP");
		if (client_flush(c) < 0)
			client_close(c);
		return;
	}
	if (fd >= 0)
		close(fd);
}

static int
listen_on(const char *address, int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (inet_pton(AF_INET, address, &a.sin_addr) != 1) {
		fprintf(stderr, "sink: --address %s is not an IPv4 address\n", address);
		exit(64);
	}
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 128) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		die("listen");
	fprintf(stderr, "sink: port %d\n", ntohs(a.sin_port));
	return fd;
}

static void
serve(int listener)
{
	struct pollfd p[MAX_CLIENTS + 1];
	struct client *who[MAX_CLIENTS + 1];
	size_t n, i;

	while (!stop) {
		p[0] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (n = 1, i = 0; i < MAX_CLIENTS; i++) {
			if (clients[i].fd < 0)
				continue;
			who[n] = &clients[i];
			p[n++] = (struct pollfd){
			    .fd = clients[i].fd,
			    .events = (short)(POLLIN | (clients[i].out_n > 0 ? POLLOUT : 0))};
		}
		if (poll(p, n, -1) < 0)
			continue;
		for (i = 1; i < n; i++) {
			if ((p[i].revents & POLLOUT) != 0 && client_flush(who[i]) < 0)
				client_close(who[i]);
			else if ((p[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
				client_serve(who[i]);
		}
		if (p[0].revents != 0)
			client_welcome(listener);
	}
}

static void
usage(void)
{
	fputs(
	    "usage: sink [--address A] [--port P] [--out DIR] [--quiet] [--count N]\n"
	    "            [--refuse TEXT] [--defer TEXT] [--delay-ms N] [--ehlo 'WORD,WORD 1,...']\n"
	    "Takes mail by SMTP and prints each envelope; --out keeps every message in a file.\n"
	    "--port 0 (the default) takes a free port and says it on standard error.\n",
	    stderr);
	exit(64);
}

static char *
ehlo_words(char *list)
{
	char *p;

	for (p = list; *p != '\0'; p++)
		if (*p == ',')
			*p = '\n';
	return list;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {{"address", 1, NULL, 'a'}, {"port", 1, NULL, 'p'},
	                                      {"out", 1, NULL, 'o'},     {"quiet", 0, NULL, 'q'},
	                                      {"count", 1, NULL, 'c'},   {"refuse", 1, NULL, 'r'},
	                                      {"defer", 1, NULL, 'd'},   {"delay-ms", 1, NULL, 'D'},
	                                      {"ehlo", 1, NULL, 'e'},    {NULL, 0, NULL, 0}};
	const char *address = "127.0.0.1";
	int port = 0, o, i;

	while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (o) {
		case 'a':
			address = optarg;
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 'o':
			opt.out_dir = optarg;
			break;
		case 'q':
			opt.quiet = true;
			break;
		case 'c':
			opt.count = atol(optarg);
			break;
		case 'r':
			opt.refuse = optarg;
			break;
		case 'd':
			opt.defer = optarg;
			break;
		case 'D':
			opt.delay_ms = (unsigned)atoi(optarg);
			break;
		case 'e':
			opt.words = ehlo_words(optarg);
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
	if (opt.out_dir != NULL && mkdir(opt.out_dir, 0755) != 0 && errno != EEXIST)
		die(opt.out_dir);
	if ((clients = calloc(MAX_CLIENTS, sizeof *clients)) == NULL)
		die("memory");
	for (i = 0; i < MAX_CLIENTS; i++)
		clients[i].fd = -1;
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
	sigaction(SIGINT, &(struct sigaction){.sa_handler = on_signal}, NULL);
	serve(listen_on(address, port));
	for (i = 0; i < MAX_CLIENTS; i++)
		if (clients[i].fd >= 0) {
			client_flush(&clients[i]);
			client_close(&clients[i]);
		}
	return 0;
}
