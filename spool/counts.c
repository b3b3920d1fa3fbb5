/*
 * How much is there? The counters are kept with every commit; nothing is
 * counted here.
 */
#include "spool/apply.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static int
disk(struct spool *s, struct spool_counts *out)
{
	struct statvfs fs;
	struct stat st;
	int fd;

	mdb_env_get_fd(s->env, &fd);
	if (fstat(fd, &st) < 0 || fstatvfs(s->dir_fd, &fs) < 0)
		return spool_fail_errno(s, errno, s->o.directory);
	out->file_bytes = (uint64_t)st.st_size;
	out->disk_free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

int
spool_counts(struct spool *s, struct spool_counts *out)
{
	struct counters n;
	struct spool_bytes v;
	struct txn t;
	int found;

	*out = (struct spool_counts){0};
	if (txn_begin_read(&t, s) < 0)
		return -1;
	found = txn_get(&t, DB_MAIN, key_text("counters"), &v);
	if (found == 0 || (found > 0 && record_unpack_counters(v, &n) < 0))
		found = txn_fail(&t, SPOOL_DAMAGED, "the spool's counters cannot be read");
	txn_abort(&t);
	if (found < 0)
		return -1;
	*out = (struct spool_counts){
	    .messages = n.messages,
	    .deliveries = n.deliveries,
	    .held = n.held,
	    .bytes = n.bytes,
	    .quarantined = n.quarantined,
	    .quarantine_bytes = n.quarantine_bytes,
	    .accepted = n.accepted,
	    .sent = n.sent,
	    .never = n.never,
	    .deleted = n.deleted,
	    .newest = n.next_id - 1,
	};
	return disk(s, out);
}
