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
	const char *site;       /* the neighbour, by uuxqt's word; "" none */
	const char *client;     /* who else: the caller's login name; UU_USER, proof of nothing */
	struct route_ask ask;   /* for the routes: site, or nobody for ourselves */
	char *const *arguments; /* as the program was given them; NULL at the end */

	struct intake_aside {
		size_t items;
		uint64_t bytes;
		struct buf reasons; /* a line each */
		struct buf start;   /* of the first */
	} aside;                    /* what the postmaster is to be told of */
	struct buf said; /* lines for the log, each with an LF, once the change is durable */
};

/*
 * What a door does: takes what is on standard input. `arguments` are without
 * the program's name, NULL at the end. ENDING_DONE, or an ending whose reason
 * is said to the keeper.
 */
typedef enum ending intake_take(struct intake *in, char *const *arguments);

/*
 * The rest of a door's main(): in the keeper's worker it reads the
 * configuration, becomes the spool's owner, opens it and takes. `origin` is
 * what the mail is when uuxqt brought it. A worker's death is counted, and the
 * spool marked as suspect. The exit status.
 */
int intake_run(const struct door *d, enum origin origin, intake_take *take, char *const *arguments);

/* The last failure of the spool as an ending, its reason said to the keeper. */
enum ending intake_spool_failed(struct intake *in);
enum ending intake_input_failed(struct intake *in); /* errno says how */
enum ending intake_no_memory(struct intake *in);

/* What is to be said beside what is accepted: in the journal, and in the log once the change is
 * durable. 0 or -1. */
int intake_note(struct intake *in, struct spool_change *c, const struct buf *line);

/*
 * Commits and wakes the daemon. ENDING_DONE also when the job was accepted
 * before. Frees nothing.
 */
enum ending intake_commit(struct intake *in, struct spool_change *c);

#endif
