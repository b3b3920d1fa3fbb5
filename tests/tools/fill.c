/*
 * fill DIRECTORY N SIZE DOMAIN: queues N messages of SIZE octets, each from
 * another sender to another user of DOMAIN, many to a commit. A "%" in DOMAIN
 * becomes the message's number: each is for another domain. Makes the spool
 * when there is none. For benches and for tests of deep queues.
 */
#include "bridge/base/buf.h"
#include "bridge/base/clock.h"
#include "bridge/message/attrs.h"
#include "spool/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 1000

struct filling {
	struct spool *spool;
	const char *domain;
	size_t size;
	struct buf attrs;
};

static void
die(struct spool *s, const char *what)
{
	fprintf(stderr, "fill: %s: %s\n", what, s != NULL ? spool_error(s) : "out of memory");
	exit(1);
}

static void
put_domain(const struct filling *f, unsigned long i, struct buf *out)
{
	const char *percent = strchr(f->domain, '%');

	if (percent == NULL)
		buf_str(out, f->domain);
	else
		buf_fmt(out, "%.*s%lu%s", (int)(percent - f->domain), f->domain, i, percent + 1);
}

static void
content(const struct filling *f, unsigned long i, struct buf *out)
{
	static const char text[] = "All work and no play makes Jack a dull boy, says the buoy.\n";
	size_t n;

	buf_fmt(out,
	        "From: user%lu@origin.example\nSubject: message %lu\n"
	        "Date: Sun, 22 Nov 2026 12:00:00 +0000\nMessage-ID: <%lu@origin.example>\nTo: ",
	        i, i, i);
	buf_fmt(out, "user%lu@", i);
	put_domain(f, i, out);
	buf_str(out, "\n\n");
	while (out->n < f->size) {
		n = f->size - out->n < sizeof text - 1 ? f->size - out->n : sizeof text - 1;
		buf_add(out, text, n);
	}
	if (f->size > 0 && out->n >= f->size)
		out->p[out->n - 1] = '\n';
}

static void
add(struct filling *f, struct spool_change *c, unsigned long i)
{
	struct spool_draft *d = spool_draft_new(f->spool);
	struct buf text = {0}, sender = {0}, rcpt = {0}, destination = {0};

	content(f, i, &text);
	buf_fmt(&sender, "user%lu@origin.example", i);
	buf_fmt(&rcpt, "user%lu@", i);
	put_domain(f, i, &rcpt);
	buf_str(&destination, "domain:");
	put_domain(f, i, &destination);
	if (d == NULL || spool_draft_write(d, text.p, text.n) != 0 ||
	    spool_draft_sender(d, sender.p) != 0 ||
	    spool_draft_attributes(d, (struct spool_bytes){f->attrs.p, f->attrs.n}) != 0 ||
	    spool_draft_recipient(d, rcpt.p, destination.p, 2, (struct spool_bytes){NULL, 0}) !=
	        0 ||
	    spool_accept(c, d, clock_wall_s(), NULL) != 0)
		die(f->spool, "message");
	buf_free(&text);
	buf_free(&sender);
	buf_free(&rcpt);
	buf_free(&destination);
}

static void
fill(struct filling *f, unsigned long count)
{
	struct spool_change *c = NULL;
	unsigned long i;

	for (i = 0; i < count; i++) {
		if (c == NULL && (c = spool_change_new(f->spool)) == NULL)
			die(NULL, "change");
		add(f, c, i);
		if ((i + 1) % AT_ONCE != 0 && i + 1 < count)
			continue;
		if (spool_commit(c) != 0)
			die(f->spool, "commit");
		spool_change_free(c);
		c = NULL;
	}
}

int
main(int argc, char **argv)
{
	struct spool_options o = {.lock_wait_ms = 5000};
	struct message_attrs attrs = {.origin = ORIGIN_LOCAL, .facts = {.known = true}};
	struct filling f = {0};
	char why[300];

	if (argc != 5) {
		fprintf(stderr, "usage: fill DIRECTORY N SIZE DOMAIN\n");
		return 64;
	}
	o.directory = argv[1];
	f.size = strtoul(argv[3], NULL, 10);
	f.domain = argv[4];
	message_attrs_encode(&attrs, &f.attrs);
	spool_create(&o, why, sizeof why);
	if (spool_open(&f.spool, &o) != 0)
		die(f.spool, "open");
	fill(&f, strtoul(argv[2], NULL, 10));
	spool_wake(f.spool);
	spool_close(f.spool);
	buf_free(&f.attrs);
	return 0;
}
