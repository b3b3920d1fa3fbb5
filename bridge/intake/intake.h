/*
 * What a door's worker has open while it takes mail in: the configuration, the
 * routes and the spool; and who brought the mail, as far as that is known.
 */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "bridge/base/config.h"
#include "bridge/base/event.h"
#include "bridge/intake/door.h"
#include "bridge/intake/keeper.h"
#include "bridge/message/attrs.h"
#include "bridge/route/route.h"
#include "spool/spool.h"

struct intake {
	const struct door *door;
	struct keeper *keeper;
	struct config *config;
	struct route_table *routes;
	struct spool *spool;
	int64_t now_s;

	enum origin origin;
	const char *site;   /* the neighbour, by uuxqt's word; "" none */
	const char *client; /* who else: the caller's login name; UU_USER, proof of nothing */
	const char *from;   /* for the routes: site, or NULL for ourselves */

	struct buf said; /* lines for the log, each with an LF, once the change is durable */
};

/*
 * Reads the configuration, becomes the spool's owner and opens it. `origin` is
 * what the mail is when uuxqt brought it. ENDING_DONE, or an ending whose
 * reason is said to the keeper; close in any case.
 */
enum ending intake_open(struct intake *in, const struct door *d, struct keeper *k,
                        enum origin origin);
void intake_close(struct intake *in);

/* The last failure of the spool as an ending, its reason said to the keeper. */
enum ending intake_spool_failed(struct intake *in);
enum ending intake_no_memory(struct intake *in);

/*
 * Commits and wakes the daemon. ENDING_DONE also when the job was accepted
 * before. Frees nothing.
 */
enum ending intake_commit(struct intake *in, struct spool_change *c);

/* The keeper's mourn(): marks the spool as suspect and counts the death of the job's parser. */
enum ending intake_mourn(const struct door *d, struct keeper *k, char *const *arguments);

#endif
