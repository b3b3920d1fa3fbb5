#include "bridge/base/config.h"
#include "spool/spool.h"

/*
 * message_bytes bounds letters as they come in, not what is set aside: the
 * spool is told no bound.
 */
void
config_spool_options(const struct config *c, struct spool_options *o)
{
	*o = (struct spool_options){
	    .directory = c->spool.directory,
	    .limit_bytes = c->spool.limit_bytes,
	    .reserve_bytes = c->spool.reserve_bytes,
	    .lock_wait_ms = c->spool.lock_wait_s * 1000,
	    .journal_days = c->spool.journal_days,
	    .quarantine_days = c->spool.quarantine_days,
	    .job_days = c->spool.job_days,
	    .journal_bytes = c->spool.journal_bytes,
	    .quarantine_bytes = c->spool.quarantine_bytes,
	    .uid_from_owner = 1,
	};
}
