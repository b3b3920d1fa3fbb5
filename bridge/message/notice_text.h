/*
 * The lines that letters of our own are made of.
 */
#ifndef MESSAGE_NOTICE_TEXT_H
#define MESSAGE_NOTICE_TEXT_H

#include "bridge/base/buf.h"
#include "bridge/base/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTICE_COLUMNS 72

/* Text from outside, escaped, in lines of at most NOTICE_COLUMNS after so many blanks. A word that
 * is too long for a line goes on in the next one. */
void notice_text_wrapped(struct buf *out, size_t indent, struct span text);

/* Text from outside on one line, in ASCII: everything else as \xNN; at most 900 octets. */
void notice_text_ascii(struct buf *out, struct span text);
bool notice_text_is_ascii(struct span text);

/*
 * From, To, Date, Message-ID and Auto-Submitted of a letter of ours; `submitted`
 * is "auto-replied" for an answer to somebody's letter, else "auto-generated"
 * (RFC 3834 section 5).
 */
void notice_text_header(struct buf *out, const struct config *c, const uint8_t uuid[16],
                        int64_t now_s, const char *to, const char *submitted);
void notice_text_boundary(const uint8_t uuid[16], char *out, size_t size);

#endif
