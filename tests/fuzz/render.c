/*
 * Letters at random through the rendering (libFuzzer: `make fuzz`). The first
 * octet says where the letter comes from and what the server can. What leaves
 * must be sendable: CR LF and neither alone, no NUL, 7 bits where 8 are not
 * carried; and as long as was said. To a UUCP neighbour goes one From_ line.
 */
#include "bridge/message/notice.h"
#include "bridge/message/render.h"
#include "tests/unit/gateway.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int
read_span(void *arg, uint64_t offset, void *p, size_t room, size_t *n)
{
	const struct span *s = arg;

	*n = offset >= s->n ? 0 : s->n - (size_t)offset;
	if (*n > room)
		*n = room;
	if (*n > 0)
		memcpy(p, s->p + offset, *n);
	return 0;
}

static struct config_site neighbour = {
    .name = "vax43", .domain = "vax43.example.com", .relay = true};

static void
check_from_line(struct span piece)
{
	struct span line = span_cut(&piece, '\n');

	if (!span_starts_nocase(line, "From ") ||
	    memmem(line.p, line.n, " remote from gw", 15) == NULL)
		abort();
}

static void
check(const struct render_job *job, struct span piece, char *last)
{
	size_t i;

	for (i = 0; i < piece.n; i++) {
		if ((piece.p[i] == '\n') != (*last == '\r') || piece.p[i] == '\0' ||
		    ((unsigned char)piece.p[i] > 0x7f && !job->eightbit && !job->utf8))
			abort();
		*last = piece.p[i];
	}
}

static void
render(const struct render_job *job)
{
	struct render *r;
	struct verdict v;
	char piece[1000], last = '\0';
	uint64_t sum = 0;
	size_t got;

	if (render_new(&r, job, &v) < 0) {
		if (v.outcome != OUTCOME_NEVER)
			abort();
		return;
	}
	do {
		if (render_read(r, piece, sizeof piece, &got, &v) < 0)
			abort();
		if (job->neighbour != NULL && sum == 0)
			check_from_line((struct span){piece, got});
		if (!job->maildir && job->neighbour == NULL)
			check(job, (struct span){piece, got}, &last);
		sum += got;
	} while (got > 0);
	if (sum != render_size(r))
		abort();
	render_free(r);
}

static void
notice(struct span content, const struct message_attrs *attrs)
{
	struct verdict v = {.outcome = OUTCOME_NEVER, .status = "5.1.1"};
	struct notice_recipient to = {
	    .recipient = "a!b", .verdict = &v, .remote = "", .attrs.orcpt = SPAN("")};
	struct notice about = {.config = &gateway,
	                       .sender = "a!b",
	                       .sender_domain = "b@a.example",
	                       .attrs = attrs,
	                       .recipients = &to,
	                       .nrecipients = 1,
	                       .start = content,
	                       .whole = true};
	struct buf out = {0};

	if (notice_write(&about, &out) < 0)
		abort();
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span content;
	struct message_attrs attrs;
	struct route_table *table;
	struct render_job job = {.sender = "vax43!ernie", .read = read_span, .arg = &content};
	unsigned how = n > 0 ? data[0] : 0;

	if (n == 0)
		return 0;
	content = (struct span){(const char *)data + 1, n - 1};
	message_attrs_decode(content, &attrs);
	message_attrs_decode(SPAN(""), &attrs);
	table = route_table_new(&gateway);
	attrs.origin = how & 3;
	attrs.smtputf8 = (how & 4) != 0;
	attrs.ret = how & 8 ? DSN_RET_FULL : DSN_RET_HDRS;
	attrs.site = SPAN("vax43");
	job.table = table;
	job.attrs = &attrs;
	job.size = content.n;
	job.eightbit = (how & 16) != 0;
	job.utf8 = (how & 32) != 0;
	job.maildir = (how & 64) != 0;
	neighbour.class = (enum site_class)(how >> 4 & 3) % 3;
	if ((how & 128) != 0 && !job.maildir)
		job.neighbour = &neighbour;
	render(&job);
	notice(content, &attrs);
	route_table_free(table);
	return 0;
}
