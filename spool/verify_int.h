/*
 * Looking through a spool: what the checks of single databases share.
 */
#ifndef SPOOL_VERIFY_INT_H
#define SPOOL_VERIFY_INT_H

#include "spool/apply.h"

/* Of contents that something refers to. */
struct numbers {
	uint64_t *v; /* owned */
	size_t n, room;
	bool bad; /* out of memory */
};

struct verify {
	struct spool *s;
	enum look depth;
	spool_fault_fn *tell;
	void *arg;
	uint64_t *faults;
	bool unreadable;         /* pages were met that cannot be read */
	struct counters sum;     /* of what was seen */
	uint64_t due;            /* keys in the order of choosing */
	struct numbers contents; /* for strays */
};

void verify_fault(struct verify *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void verify_refer(struct verify *v, uint64_t content);
bool verify_refers(const struct verify *v, uint64_t content); /* after they were sorted */

/* One record; 0, or -1 when its database cannot be read on. */
typedef int verify_fn(struct verify *v, struct txn *t, struct spool_bytes key,
                      struct spool_bytes val);
verify_fn verify_mail, verify_due, verify_dest, verify_quarantine; /* verify_mail.c */
verify_fn verify_journal, verify_job, verify_age, verify_fact, verify_staged, verify_content;

#endif
