/*
 * The body of a stored letter as one next hop gets it, read a piece at a time
 * and never in memory.
 */
#ifndef MESSAGE_BODY_H
#define MESSAGE_BODY_H

#include "bridge/base/buf.h"
#include "bridge/base/verdict.h"
#include "bridge/message/facts.h"
#include "bridge/message/mime.h"
#include "bridge/message/render.h"
#include "bridge/message/seven.h"

#include <stdbool.h>
#include <stdint.h>

enum body_form {
	BODY_AS_IS, /* for a maildir and rmail: LF line ends, and one at the end */
	BODY_CRLF,  /* for a server that can carry the octets there are */
	BODY_SEVEN, /* encoded by seven.c, for one that cannot */
};

struct body {
	render_source *read;
	void *arg;
	uint64_t start;     /* where it starts in the stored content */
	uint64_t size;      /* of the stored content, to its end */
	struct facts facts; /* of the whole content */
	enum body_form form;
	bool eightbit;    /* the server has 8BITMIME */
	struct mime mime; /* what the header says of it */

	struct seven seven; /* owned */
	uint64_t read_at;
	bool ended;
	struct buf out; /* owned: filtered and not yet taken */
	size_t taken;
};

/* The form that the octets and the server ask for. */
enum body_form body_choose(const struct facts *f, const struct mime *m, bool eightbit);
/* The charset of a text that does not say: static. */
const char *body_charset(const struct facts *f);

/* To the first octet again; must come before the first reading, too. */
void body_rewind(struct body *b);
/* The next octets; *n 0 at the end. 0, or -1 with *v. */
int body_read(struct body *b, void *p, size_t room, size_t *n, struct verdict *v);
/*
 * How many octets body_read() will give; `lines` LFs are in the body. In the
 * form BODY_SEVEN all of it is read, and -1 with *v says that there is no
 * sound form.
 */
int body_measure(struct body *b, uint64_t lines, uint64_t *size, struct verdict *v);
void body_free(struct body *b);

#endif
