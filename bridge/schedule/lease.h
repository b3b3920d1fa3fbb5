/*
 * What is under way: each delivery that a session, a maildir job, the patrol or
 * an operator's change has in hand is leased, so that no two of them meet.
 *
 * Leases live in memory only: after a crash nothing is under way. One is given
 * back after its settlement is durable, so whoever gets it next and then looks
 * at the spool sees what the one before made of it. [any thread]
 */
#ifndef SCHEDULE_LEASE_H
#define SCHEDULE_LEASE_H

#include "spool/spool.h"

#include <stdbool.h>

struct leases;

struct leases *leases_new(void); /* NULL: out of memory */
void leases_free(struct leases *l);
/* rcpt SPOOL_ALL leases the whole message. False: someone has it, or no memory. */
bool lease_take(struct leases *l, spool_id id, uint32_t rcpt);
void lease_return(struct leases *l, spool_id id, uint32_t rcpt);
size_t leases_count(struct leases *l);

#endif
