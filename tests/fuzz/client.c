/*
 * A server made of random octets for the client's machine (libFuzzer: `make
 * fuzz`). Whatever it says and wherever it is cut: one verdict each, no line
 * end but CR LF, no more than a bounded amount kept.
 *
 * The first octet chooses the client's options; an octet 0xff in the rest lets
 * the client move before it hears on.
 */
#include "bridge/base/buf.h"
#include "bridge/smtp/client.h"

#include <stdint.h>
#include <stdlib.h>

#define MESSAGES 4
#define RCPTS    3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static unsigned verdicts[MESSAGES][RCPTS], done[MESSAGES];
static struct client_recipient rcpts[RCPTS] = {{.path = "a!b!c@d"}, {.path = "x@y"}, {.path = "z"}};
static struct client_message messages[MESSAGES];

static void
on_verdict(void *owner, const struct client_message *m, unsigned rcpt, const struct verdict *v)
{
	(void)owner;
	(void)v;
	verdicts[m - messages][rcpt]++;
}

static void
on_done(void *owner, const struct client_message *m)
{
	(void)owner;
	done[m - messages]++;
}

static void
look_at(struct buf *out)
{
	size_t i;

	for (i = 0; i < out->n; i++)
		if ((out->p[i] == '\n') != (i > 0 && out->p[i - 1] == '\r'))
			abort();
	buf_clear(out);
}

/* As far as it gets without hearing more; *given messages so far. false: it is over. */
static bool
move(struct client *c, unsigned *given)
{
	for (;;) {
		switch (client_step(c)) {
		case CLIENT_ENDED:
			return false;
		case CLIENT_HEAR:
			look_at(client_out(c));
			return true;
		case CLIENT_SECURE:
			look_at(client_out(c));
			client_secured(c);
			break;
		case CLIENT_NEXT:
			if (*given < MESSAGES)
				client_give(c, &messages[(*given)++]);
			else
				client_finish(c);
			break;
		case CLIENT_CONTENT:
		case CLIENT_RESTART:
			client_content(c, SPAN(".\n.\r.\n"), true);
			break;
		}
	}
}

static void
talk(struct client *c, const uint8_t *data, size_t n, unsigned *given)
{
	const uint8_t *end;

	while (n > 0 && move(c, given)) {
		end = memchr(data, 0xff, n);
		if (end == NULL)
			end = data + n;
		client_hear(c, (struct span){(const char *)data, (size_t)(end - data)});
		end += end < data + n;
		n -= (size_t)(end - data);
		data = end;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct client_calls calls = {on_verdict, on_done};
	struct client_options o = {.hello = "h", .host = "s", .password = "p", .mechanisms = ""};
	struct client *c;
	unsigned given = 0, i, r;

	if (n == 0)
		return 0;
	o.tls = data[0] & 1 ? TLS_OPPORTUNISTIC : TLS_OFF;
	o.user = data[0] & 2 ? "u" : "";
	o.auth_plain_in_clear = (data[0] & 4) != 0;
	o.recipients = data[0] & 8 ? 1 : 0;
	memset(verdicts, 0, sizeof verdicts);
	memset(done, 0, sizeof done);
	for (i = 0; i < MESSAGES; i++)
		messages[i] = (struct client_message){"s@t", rcpts, RCPTS, .size_bytes = 20};
	if ((c = client_new(&o, &calls, NULL)) == NULL)
		return 0;
	talk(c, data + 1, n - 1, &given);
	client_free(c);
	for (i = 0; i < MESSAGES; i++)
		for (r = 0; r < RCPTS; r++)
			if (verdicts[i][r] != (i < given) || done[i] != (i < given))
				abort();
	return 0;
}
