/*
 * What is being taken in? A draft gathers content and envelope in memory; past
 * a bound the content is staged on disk, so that a message of any size costs
 * the same memory. Recipients and notes are kept packed, as they will be
 * written. The first error sticks, and spool_accept() hands it to the change.
 */
#include "spool/change_int.h"

#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

enum { FIRST_ROOM = 1024 };

struct spool_draft *
spool_draft_new(struct spool *s)
{
	struct spool_draft *d = calloc(1, sizeof *d);

	if (!d) {
		spool_fail(s, SPOOL_MEMORY, "out of memory");
		return NULL;
	}
	d->s = s;
	uuid_generate_random(d->uuid);
	return d;
}

void
spool_draft_free(struct spool_draft *d)
{
	if (!d)
		return;
	stage_drop_draft(d);
	XXH3_freeState(d->hash);
	free(d->buf);
	free(d->sender);
	free((void *)(uintptr_t)d->attributes.p);
	free(d->reason);
	free(d->source);
	pack_free(&d->recipients);
	pack_free(&d->notes);
	free(d);
}

int
draft_fail(struct spool_draft *d, enum spool_status st, const char *words)
{
	if (d->trouble.status == SPOOL_OK) {
		spool_fail(d->s, st, "%s", words);
		trouble_keep(&d->trouble, d->s);
	}
	return spool_fail_again(d->s, &d->trouble);
}

static int
grow(struct spool_draft *d, size_t n)
{
	size_t room = d->room ? d->room : FIRST_ROOM;
	uint8_t *p;

	while (room < d->n + n)
		room *= 2;
	if (room > DRAFT_BYTES)
		room = DRAFT_BYTES;
	if (room == d->room)
		return 0;
	if (!(p = realloc(d->buf, room)))
		return draft_fail(d, SPOOL_MEMORY, "out of memory");
	d->buf = p;
	d->room = room;
	return 0;
}

int
spool_draft_write(struct spool_draft *d, const void *p, size_t n)
{
	const uint8_t *at = p;
	size_t part;

	if (d->trouble.status)
		return spool_fail_again(d->s, &d->trouble);
	if (n > d->s->o.message_bytes - d->size)
		return draft_fail(d, SPOOL_TOO_LARGE, "the message is larger than is taken here");
	for (; n > 0; n -= part, at += part) {
		if (d->n == DRAFT_BYTES && stage_draft(d) < 0)
			return -1;
		part = n < DRAFT_BYTES - d->n ? n : DRAFT_BYTES - d->n;
		if (grow(d, part) < 0)
			return -1;
		memcpy(d->buf + d->n, at, part);
		d->n += part;
		d->size += part;
	}
	return 0;
}

uint64_t
spool_draft_size(const struct spool_draft *d)
{
	return d->size;
}

static int
check_text(struct spool_draft *d, size_t n)
{
	if (d->trouble.status)
		return spool_fail_again(d->s, &d->trouble);
	if (n > TEXT_BYTES)
		return draft_fail(d, SPOOL_TOO_LARGE, "an address or an attribute is too long");
	return 0;
}

int
spool_draft_sender(struct spool_draft *d, const char *sender)
{
	char *copy;

	if (check_text(d, strlen(sender)) < 0)
		return -1;
	if (!(copy = strdup(sender)))
		return draft_fail(d, SPOOL_MEMORY, "out of memory");
	free(d->sender);
	d->sender = copy;
	return 0;
}

int
spool_draft_attributes(struct spool_draft *d, struct spool_bytes b)
{
	struct spool_bytes copy;

	if (check_text(d, b.n) < 0)
		return -1;
	if (bytes_copy(&copy, b) < 0)
		return draft_fail(d, SPOOL_MEMORY, "out of memory");
	free((void *)(uintptr_t)d->attributes.p);
	d->attributes = copy;
	return 0;
}

int
spool_draft_recipient(struct spool_draft *d, const char *recipient, const char *destination,
                      uint8_t rank, struct spool_bytes attributes)
{
	struct recipient_record r = {.rank = rank,
	                             .recipient = bytes_of(recipient),
	                             .destination = bytes_of(destination),
	                             .attributes = attributes};

	if (check_text(d, r.recipient.n) < 0 || check_text(d, r.destination.n) < 0 ||
	    check_text(d, attributes.n) < 0)
		return -1;
	if (d->nrecipients >= RECIPIENTS_MAX || d->recipients.n > SLICE_BYTES)
		return draft_fail(d, SPOOL_TOO_LARGE, "the message has too many recipients");
	record_pack_recipient(&d->recipients, &r);
	if (d->recipients.bad)
		return draft_fail(d, SPOOL_MEMORY, "out of memory");
	d->nrecipients++;
	return 0;
}

unsigned
spool_draft_recipients(const struct spool_draft *d)
{
	return d->nrecipients;
}

int
spool_draft_note(struct spool_draft *d, const char *line)
{
	if (check_text(d, strlen(line)) < 0)
		return -1;
	if (d->notes.n > SLICE_BYTES)
		return draft_fail(d, SPOOL_TOO_LARGE, "the message has too many notes");
	pack_bytes(&d->notes, bytes_of(line));
	return d->notes.bad ? draft_fail(d, SPOOL_MEMORY, "out of memory") : 0;
}

bool
draft_is_notice(const struct spool_draft *d)
{
	return !d->quarantine && (!d->sender || !d->sender[0]);
}

/* Thousands of small letters may be gathered before they are written. */
void
draft_shrink(struct spool_draft *d)
{
	uint8_t *p = d->n > 0 && d->n < d->room ? realloc(d->buf, d->n) : NULL;

	if (p) {
		d->buf = p;
		d->room = d->n;
	}
}

void
draft_digest(struct spool_draft *d)
{
	XXH128_canonical_t canonical;
	XXH128_hash_t h;

	if (d->hash) {
		XXH3_128bits_update(d->hash, d->buf, d->n);
		h = XXH3_128bits_digest(d->hash);
	} else {
		h = XXH3_128bits(d->buf, d->n);
	}
	XXH128_canonicalFromHash(&canonical, h);
	memcpy(d->digest, canonical.digest, sizeof d->digest);
}

struct envelope
draft_envelope(const struct spool_draft *d, uint64_t content)
{
	struct envelope e = {
	    .quarantine = d->quarantine,
	    .m = {.accepted_s = d->now_s,
	          .size = d->size,
	          .content = content,
	          .recipients = d->nrecipients,
	          .pending = d->nrecipients,
	          .sender = bytes_of(d->sender ? d->sender : ""),
	          .attributes = d->attributes.n ? d->attributes : (struct spool_bytes){"", 0}},
	    .recipients = pack_view(&d->recipients),
	    .notes = pack_view(&d->notes),
	    .reason = bytes_of(d->reason ? d->reason : ""),
	    .source = bytes_of(d->source ? d->source : ""),
	};

	memcpy(e.m.uuid, d->uuid, sizeof e.m.uuid);
	memcpy(e.m.digest, d->digest, sizeof e.m.digest);
	e.m.charge = envelope_charge(&e);
	return e;
}

uint64_t
draft_dirty(const struct spool_draft *d)
{
	struct envelope e = draft_envelope(d, 0);

	return envelope_dirty(&e) + content_dirty(d->n);
}

uint64_t
draft_charge(const struct spool_draft *d)
{
	return draft_envelope(d, 0).m.charge - d->staged_bytes;
}

int
draft_put_rest(struct txn *t, struct spool_draft *d, uint64_t *content)
{
	*content = d->content;
	if (d->size == 0)
		return 0;
	if (!*content)
		*content = t->n.next_number++;
	if (content_put(t, *content, d->chunks, d->buf, d->n) < 0)
		return -1;
	return d->content ? stage_forget(t, d->content, d->staged_bytes) : 0;
}
