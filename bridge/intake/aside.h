/*
 * Setting octets aside: into quarantine, into the journal, and at the end of
 * the job one letter to the postmaster that shows how they start. More than a
 * GiB becomes several items.
 */
#ifndef INTAKE_ASIDE_H
#define INTAKE_ASIDE_H

#include "bridge/intake/intake.h"
#include "bridge/intake/source.h"

struct aside_why {
	const char *words; /* one line; NULL in place of a reason: there is none */
	bool in_silence;   /* no letter tells of it */
};

static inline struct aside_why
aside_words(const char *words)
{
	return (struct aside_why){.words = words};
}

struct aside_writer {
	struct intake *in;
	struct spool_change *change;
	const char *sender; /* NULL unknown */
	struct aside_why why;
	struct spool_draft *draft; /* owned */
	struct buf start;
	uint64_t size;
};

/* Each returns ENDING_DONE, or an ending whose reason is said to the keeper. */
enum ending aside_begin(struct aside_writer *w, struct intake *in, struct spool_change *c,
                        const char *sender, struct aside_why why);
enum ending aside_write(struct aside_writer *w, struct span octets);
enum ending aside_end(struct aside_writer *w);
void aside_free(struct aside_writer *w); /* in any case */

/* All of the source, as it came. */
enum ending aside_source(struct intake *in, struct spool_change *c, struct source *src,
                         const char *sender, struct aside_why why);

/* The letter, if anything was set aside: before the change is committed. */
enum ending aside_tell(struct intake *in, struct spool_change *c);

#endif
