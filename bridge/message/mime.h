/*
 * What a MIME header says of the body under it (RFC 2045 sections 5 and 6).
 */
#ifndef MESSAGE_MIME_H
#define MESSAGE_MIME_H

#include "bridge/base/buf.h"
#include "bridge/message/header.h"

#include <stdbool.h>

#define MIME_BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */

enum mime_kind {
	MIME_TEXT,  /* text, also what has no type at all */
	MIME_OTHER, /* any other single thing */
	MIME_MULTIPART,
	MIME_MESSAGE, /* message/rfc822: another header, another body */
	MIME_OPAQUE,  /* octets that no encoding may touch: multipart/signed, message/partial */
};

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary, or not said */
	MIME_QP,
	MIME_BASE64,
	MIME_UNKNOWN, /* x-uuencode and the like */
};

struct mime {
	enum mime_kind kind;
	enum mime_encoding encoding;
	bool typed;  /* has a Content-Type that can be read */
	bool digest; /* multipart/digest: its parts are messages when they say nothing */
	char boundary[MIME_BOUNDARY_MAX + 1]; /* MIME_MULTIPART */
};

/* Reads what the fields say; `digest` that they stand in a multipart/digest. */
void mime_read(const struct header *h, bool digest, struct mime *out);

#endif
