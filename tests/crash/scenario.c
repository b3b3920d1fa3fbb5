#include "tests/crash/scenario.h"

#include "spool/change_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400

struct spool_options
scenario_options(const char *directory)
{
	return (struct spool_options){.directory = directory,
	                              .lock_wait_ms = 2000,
	                              .journal_days = 30,
	                              .quarantine_days = 30,
	                              .job_days = 30};
}

int
scenario_open(struct spool **s, const char *directory)
{
	struct spool_options o = scenario_options(directory);

	if (spool_open(s, &o) < 0)
		return -1;
	(*s)->slice_bytes = 6000; /* so that a small batch needs a promise */
	return 0;
}

static struct spool_draft *
letter(struct spool *s, size_t size, const char *to, const char *dest)
{
	struct spool_draft *d = spool_draft_new(s);
	char piece[3001];
	size_t at, n;

	if (!d)
		return NULL;
	for (at = 0; at < size; at += n) {
		n = size - at < sizeof piece ? size - at : sizeof piece;
		memset(piece, 'a' + (int)(at / sizeof piece % 26), n);
		if (spool_draft_write(d, piece, n) < 0)
			break; /* it sticks, and commit will tell */
	}
	spool_draft_sender(d, "decvax!piet");
	spool_draft_recipient(d, to, dest, 2, (struct spool_bytes){"notify", 6});
	spool_draft_recipient(d, "second", "site:second", 1, (struct spool_bytes){"", 0});
	spool_draft_note(d, "accepted");
	return d;
}

static void
accept_letter(struct spool_change *c, struct spool *s, size_t size, const char *dest, int64_t now_s)
{
	struct spool_draft *d = letter(s, size, "mcvax!jaap", dest);

	if (d)
		spool_accept(c, d, now_s, NULL);
	else
		c->trouble = (struct trouble){SPOOL_MEMORY, "out of memory"};
}

static void
settle(struct spool_change *c, spool_id id, uint32_t rcpt, enum spool_outcome outcome)
{
	struct spool_settlement st = {.id = id,
	                              .rcpt = rcpt,
	                              .outcome = outcome,
	                              .now_s = 50,
	                              .due_s = 100,
	                              .attempted = true,
	                              .words = "450 later"};

	spool_settle(c, &st);
}

static void
batch(struct spool_change *c, struct spool *s, uint8_t digest)
{
	struct spool_job job = {.system = "vax", .digest = {digest}};
	int i;

	for (i = 0; i < 40; i++)
		accept_letter(c, s, (size_t)(i * 120), i % 2 ? "site:one" : "domain:two", 10 + i);
	spool_job(c, &job, 10);
}

static void
set_aside(struct spool_change *c, struct spool *s)
{
	static const struct spool_quarantined why = {"odd", "vax"};
	struct spool_draft *d = letter(s, 5000, "x", "y");

	if (d)
		spool_quarantine(c, d, 20, &why, NULL);
	else
		c->trouble = (struct trouble){SPOOL_MEMORY, "out of memory"};
}

static void
gather(struct spool_change *c, struct spool *s, int step)
{
	switch (step) {
	case 0: /* ids 1 and 2 */
		accept_letter(c, s, 300, "site:one", 1);
		accept_letter(c, s, 9000, "site:one", 1);
		break;
	case 1:
		settle(c, 1, 0, SPOOL_SENT);
		settle(c, 1, 1, SPOOL_LATER);
		spool_note(c, 1, 50, "sent");
		break;
	case 2: /* id 3: staged */
		accept_letter(c, s, DRAFT_BYTES + DRAFT_BYTES / 8, "site:large", 2);
		break;
	case 3: /* ids 4 to 43: promised */
		batch(c, s, 1);
		break;
	case 4: /* id 44: a notice */
		settle(c, 5, SPOOL_ALL, SPOOL_NEVER);
		accept_letter(c, s, 2000, "site:one", 51);
		break;
	case 5: /* id 45 */
		set_aside(c, s);
		spool_fact(c, "link vsat", (struct spool_bytes){"up", 2});
		spool_note(c, 0, 52, "link up");
		break;
	case 6: /* a large one goes: its content is freed later */
		settle(c, 3, SPOOL_ALL, SPOOL_SENT);
		break;
	case 7:
		spool_hold(c, 7, SPOOL_ALL);
		spool_redirect(c, 8, 0, "domain:new", 3);
		spool_damaged(c, 9, 60);
		break;
	case SCENARIO_DUPLICATE:
		batch(c, s, 1);
		break;
	case 9:
		settle(c, 1, 1, SPOOL_SENT);
		spool_release(c, 7, 0, 70);
		break;
	case 10: /* everything old is trimmed */
		spool_note(c, 0, 400 * DAY, "much later");
		break;
	case 11:
		accept_letter(c, s, 40000, "site:last", 400 * DAY);
		break;
	}
}

int
scenario_step(struct spool *s, int step)
{
	struct spool_change *c = spool_change_new(s);
	int rc;

	if (!c)
		return -1;
	gather(c, s, step);
	rc = spool_commit(c);
	spool_change_free(c);
	return rc;
}

struct print {
	uint64_t hash; /* FNV-1a of all that was added */
};

static void
add(struct print *p, const void *v, size_t n)
{
	const uint8_t *b = v;

	while (n-- > 0)
		p->hash = (p->hash ^ *b++) * UINT64_C(0x100000001b3);
}

static void
add_number(struct print *p, uint64_t v)
{
	add(p, &v, sizeof v);
}

static int
add_line(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	add_number(arg, id);
	add_number(arg, (uint64_t)at_s);
	add(arg, line, n);
	return 0;
}

static int
add_content(struct print *p, struct spool *s, spool_id id)
{
	static char piece[1 << 16];
	struct spool_content *c;
	uint64_t size, at = 0;
	size_t n = 1;
	int rc = 0;

	if (spool_content_open(s, id, &c, &size) < 0)
		return -1;
	for (; rc == 0 && n > 0; at += n) {
		rc = spool_content_read(c, at, piece, sizeof piece, &n);
		add(p, piece, n);
	}
	spool_content_close(c);
	return rc;
}

static int
add_delivery(struct print *p, struct spool *s, const struct spool_delivery *d)
{
	struct spool_destination dest;

	if (spool_destination_get(s, d->dest, &dest) < 0)
		return -1;
	add_number(p, d->rcpt);
	add_number(p, d->state);
	add_number(p, d->rank);
	add_number(p, (uint64_t)d->due_s);
	add_number(p, d->attempts);
	add(p, d->recipient, strlen(d->recipient));
	add(p, d->words, strlen(d->words));
	add(p, d->attributes.p, d->attributes.n);
	add(p, dest.name, strlen(dest.name));
	return 0;
}

static int
add_message(struct print *p, struct spool *s, spool_id id)
{
	struct spool_delivery d[4];
	struct spool_message m;
	size_t n = 4, i;
	int rc = 0;

	if (spool_message_get(s, id, &m) < 0)
		return -1;
	add_number(p, id);
	add_number(p, m.pending);
	add_number(p, (uint64_t)m.accepted_s);
	add(p, m.sender, strlen(m.sender));
	spool_message_free(&m);
	if (spool_deliveries(s, id, 0, d, &n) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (add_delivery(p, s, &d[i]) < 0)
			rc = -1;
		spool_delivery_free(&d[i]);
	}
	return rc < 0 ? -1 : add_content(p, s, id);
}

static int
add_quarantine(struct print *p, struct spool *s)
{
	struct spool_quarantine_item items[8];
	size_t n = 8, i;

	if (spool_quarantine_list(s, 0, items, &n) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		add_number(p, items[i].id);
		add(p, items[i].source, strlen(items[i].source));
		if (add_content(p, s, items[i].id) < 0)
			return -1;
	}
	return 0;
}

int
scenario_fingerprint(struct spool *s, uint64_t *out)
{
	struct print p = {UINT64_C(0xcbf29ce484222325)};
	struct spool_counts n;
	spool_id ids[64], id;
	size_t got = 64, i;
	char fact[16] = "";
	size_t fact_n;

	if (spool_counts(s, &n) < 0 || spool_list(s, 0, ids, &got) < 0)
		return -1;
	for (i = 0; i < got; i++)
		if (add_message(&p, s, ids[i]) < 0)
			return -1;
	for (id = 0; id < 60; id++)
		if (spool_journal(s, id, add_line, &p) < 0)
			return -1;
	if (spool_fact_get(s, "link vsat", fact, sizeof fact, &fact_n) < 0 &&
	    spool_status(s) != SPOOL_NONE)
		return -1;
	add(&p, fact, sizeof fact);
	add_number(&p, n.messages);
	add_number(&p, n.deliveries);
	add_number(&p, n.held);
	add_number(&p, n.bytes);
	add_number(&p, n.sent + 1000 * n.never + 1000000 * n.accepted);
	if (add_quarantine(&p, s) < 0)
		return -1;
	*out = p.hash;
	return 0;
}

void
scenario_directory(char *out, size_t size, const char *name)
{
	const char *tmp = getenv("TMPDIR");

	if (access("/dev/shm", W_OK) == 0)
		tmp = "/dev/shm";
	snprintf(out, size, "%s/spool-crash-%ld-%s", tmp ? tmp : "/tmp", (long)getpid(), name);
}

void
scenario_remove(const char *directory)
{
	static const char *const names[] = {"data.mdb", "lock.mdb", "lock",    "gate",
	                                    "wake",     "staging",  "suspect", "daemon.lock"};
	char path[300];
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}
