/*
 * peek: what is in a spool, in lines that test scripts can compare.
 *
 *	peek create DIR     makes an empty spool
 *	peek list DIR       messages, oldest first, each with its recipients
 *	peek counts DIR     how many messages, deliveries and items set aside
 *	peek content DIR N  the N-th message's content
 *	peek aside DIR      what is set aside: size, source, reason
 *	peek octets DIR N   the N-th item that is set aside
 *	peek journal DIR    the system's journal, then each message's
 */
#include "bridge/message/attrs.h"
#include "spool/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 100000

static spool_id ids[ROOM];

static int
fail(struct spool *s, const char *what)
{
	fprintf(stderr, "peek: %s: %s\n", what, s ? spool_error(s) : "");
	return 1;
}

static size_t
all_ids(struct spool *s)
{
	size_t n = ROOM;

	return spool_list(s, 0, ids, &n) == 0 ? n : 0;
}

static void
show_recipients(struct spool *s, spool_id id)
{
	static struct spool_delivery d[64];
	struct spool_destination dest;
	uint32_t from = 0;
	size_t n;

	do {
		n = 64;
		if (spool_deliveries(s, id, from, d, &n) != 0)
			return;
		for (size_t i = 0; i < n; i++) {
			struct recipient_attrs a;

			recipient_attrs_decode((struct span){d[i].attributes.p, d[i].attributes.n},
			                       &a);
			spool_destination_get(s, d[i].dest, &dest);
			printf("  to %s by %s notify=%u orcpt=%.*s\n", d[i].recipient, dest.name,
			       a.notify, (int)a.orcpt.n, a.orcpt.p);
			from = d[i].rcpt + 1;
			spool_delivery_free(&d[i]);
		}
	} while (n == 64);
}

static int
list(struct spool *s)
{
	size_t n = all_ids(s);

	for (size_t i = 0; i < n; i++) {
		struct spool_message m;
		struct message_attrs a;

		if (spool_message_get(s, ids[i], &m) != 0)
			return fail(s, "message");
		message_attrs_decode((struct span){m.attributes.p, m.attributes.n}, &a);
		printf("<%s> %s site=%.*s client=%.*s size=%llu ret=%d envid=%.*s\n", m.sender,
		       origin_name(a.origin), (int)a.site.n, a.site.p, (int)a.client.n, a.client.p,
		       (unsigned long long)m.size, a.ret, (int)a.envid.n, a.envid.p);
		show_recipients(s, ids[i]);
		spool_message_free(&m);
	}
	return 0;
}

static int
copy_content(struct spool *s, spool_id id)
{
	static char block[65536];
	struct spool_content *c;
	uint64_t size, at = 0;
	size_t n;

	if (spool_content_open(s, id, &c, &size) != 0)
		return fail(s, "content");
	while (spool_content_read(c, at, block, sizeof block, &n) == 0 && n > 0) {
		fwrite(block, 1, n, stdout);
		at += n;
	}
	spool_content_close(c);
	return at == size ? 0 : fail(s, "content is short");
}

static int
aside(struct spool *s, long which)
{
	struct spool_quarantine_item q[64];
	spool_id after = 0;
	long at = 0;
	size_t n;

	do {
		n = 64;
		if (spool_quarantine_list(s, after, q, &n) != 0)
			return fail(s, "quarantine");
		for (size_t i = 0; i < n; i++, at++) {
			after = q[i].id;
			if (at == which)
				return copy_content(s, q[i].id);
			if (which < 0)
				printf("%llu octets, %s: %s\n", (unsigned long long)q[i].size,
				       q[i].source, q[i].reason);
		}
	} while (n == 64);
	return which < 0 ? 0 : fail(NULL, "no such item");
}

static int
say_line(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	(void)arg, (void)id, (void)at_s;
	printf("%.*s\n", (int)n, line);
	return 0;
}

static int
journal(struct spool *s)
{
	size_t n = all_ids(s);

	spool_journal(s, 0, say_line, NULL);
	for (size_t i = 0; i < n; i++)
		spool_journal(s, ids[i], say_line, NULL);
	return 0;
}

static int
counts(struct spool *s)
{
	struct spool_counts c;

	if (spool_counts(s, &c) != 0)
		return fail(s, "counts");
	printf("%llu messages %llu deliveries %llu aside\n", (unsigned long long)c.messages,
	       (unsigned long long)c.deliveries, (unsigned long long)c.quarantined);
	return 0;
}

static int
look(struct spool *s, const char *what, long which)
{
	if (strcmp(what, "list") == 0)
		return list(s);
	if (strcmp(what, "counts") == 0)
		return counts(s);
	if (strcmp(what, "aside") == 0)
		return aside(s, -1);
	if (strcmp(what, "octets") == 0)
		return aside(s, which);
	if (strcmp(what, "journal") == 0)
		return journal(s);
	if (strcmp(what, "content") == 0 && which < (long)all_ids(s))
		return copy_content(s, ids[which]);
	return fail(NULL, "no such thing");
}

int
main(int argc, char **argv)
{
	struct spool_options o = {.directory = argc > 2 ? argv[2] : "",
	                          .lock_wait_ms = 10000,
	                          .journal_days = 30,
	                          .quarantine_days = 30,
	                          .job_days = 30,
	                          .uid_from_owner = 1};
	struct spool *s = NULL;
	char why[300];
	int rc;

	if (argc < 3)
		return fail(NULL,
		            "usage: peek create|list|counts|content|aside|octets|journal DIR [N]");
	if (strcmp(argv[1], "create") == 0) {
		rc = spool_create(&o, why, sizeof why);
		if (rc != 0)
			fprintf(stderr, "peek: %s\n", why);
		return rc != 0;
	}
	if (spool_open(&s, &o) != 0)
		rc = fail(s, "open");
	else
		rc = look(s, argv[1], argc > 3 ? atol(argv[3]) : 0);
	spool_close(s);
	return rc;
}
