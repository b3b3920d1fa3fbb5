/*
 * A stored letter in the octets that one next hop gets: its header edited, its
 * body in a form the server can carry. Made anew for each sending, from the
 * stored octets, the tables of the day and the server's abilities; nothing of
 * it is ever stored.
 *
 *	render_new(&r, &job)          looks at the letter, makes the new header
 *	render_size(r)                for SIZE=
 *	render_read(r, p, room, &n)   until n is 0: the octets, CR LF line ends
 *
 * Dots are not stuffed (that is the dialogue's), and a letter takes a few KiB
 * beside its header, however large it is.
 *
 * What is changed: our Received field is put in front; a letter without From,
 * Date or Message-ID is given them; Apparently-To is left out; addresses in
 * bang form get their domain form, unless the letter came by SMTP. All other
 * fields keep every octet. Towards a server without 8BITMIME, and for octets
 * no server may be sent (NUL, a bare CR, lines past 998), the body gets a
 * quoted-printable or base64 form, part by part where it is MIME. Where that
 * would break what it carries (multipart/signed), the verdict is NEVER, 5.6.3.
 *
 * To a UUCP neighbour goes one From_ line with the sender, then the same header
 * with its addresses as the neighbour's class reads them (route/outward.h),
 * however the letter came; LF line ends, and all octets of the body as they are.
 */
#ifndef MESSAGE_RENDER_H
#define MESSAGE_RENDER_H

#include "bridge/base/buf.h"
#include "bridge/base/verdict.h"
#include "bridge/message/attrs.h"
#include "bridge/route/route.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies up to `room` octets of the stored content from `offset`: *n 0 at the end. 0 or -1. */
typedef int render_source(void *arg, uint64_t offset, void *p, size_t room, size_t *n);

struct render_job {
	const struct route_table *table;
	const char *sender; /* as stored; "" is the null sender */
	const struct message_attrs *attrs;
	uint64_t id;      /* of the spool: in Received */
	uint8_t uuid[16]; /* in the Message-ID of a letter without one */
	int64_t accepted_s;
	int64_t now_s;      /* of this sending */
	struct buf *tokens; /* as struct rewrite has it; NULL: none are kept */
	uint64_t size;      /* of the stored content */
	render_source *read;
	void *arg;

	const struct config_site *neighbour; /* by UUCP to that site; NULL: SMTP, or a maildir */
	bool maildir;  /* into a maildir: LF line ends, Return-Path, nothing made 7-bit */
	bool eightbit; /* the server has 8BITMIME */
	bool utf8;     /* the server has SMTPUTF8 */
};

struct render;

/*
 * What the job points to need not live on, but the table, the attributes'
 * octets and arg; the sender is not looked at again. 0; or -1 with *v saying why: NEVER (5.4.6 a
 * loop, 5.6.3 no sound form, 5.6.7 needs SMTPUTF8) or LATER (no memory, the content could not be
 * read).
 */
int render_new(struct render **out, const struct render_job *job, struct verdict *v);
void render_free(struct render *r); /* NULL is allowed */

/* The octets that render_read() will give, exactly. */
uint64_t render_size(const struct render *r);
/* The rendered letter has octets above 127: BODY=8BITMIME. */
bool render_is_eightbit(const struct render *r);
/* Its header has UTF-8, so SMTPUTF8 belongs on MAIL (if the server has it). */
bool render_needs_utf8(const struct render *r);
/* What was noticed on the way, one line for the journal: "" nothing. */
const char *render_remarks(const struct render *r);

/* The next octets; *n 0 at the end. 0, or -1 with *v as in render_new(). */
int render_read(struct render *r, void *p, size_t room, size_t *n, struct verdict *v);
/* Starts again from the first octet: another try of the same letter. */
void render_rewind(struct render *r);

#endif
