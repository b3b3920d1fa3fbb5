/*
 * What a server wants to know about the octets of a letter, found in one pass:
 * intake looks while it stores, so that sending need not read a letter twice.
 */
#ifndef MESSAGE_FACTS_H
#define MESSAGE_FACTS_H

#include "bridge/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define FACTS_LINE_MAX 998 /* octets of a line without its end, RFC 5322 section 2.1.1 */

struct facts {
	bool known;     /* the whole content was looked at */
	bool eightbit;  /* octets above 127 */
	bool utf8;      /* and all of them are UTF-8 */
	bool long_line; /* a line of more than FACTS_LINE_MAX octets */
	bool nul;       /* octet 0 */
	bool bare_cr;   /* a CR */
	bool unended;   /* the last line has no LF */
	uint64_t lines; /* LFs */

	/* of the scan under way */
	uint64_t line_octets;
	unsigned utf8_left;
	unsigned char utf8_low, utf8_high; /* bounds of the next continuation octet */
};

void facts_begin(struct facts *f);
void facts_add(struct facts *f, struct span octets); /* any number of times */
void facts_end(struct facts *f);                     /* known is true */

#endif
