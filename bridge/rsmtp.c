/*
 * rsmtp: a batch of messages on standard input, as uuxqt runs it, under
 * whatever name (rsmtp, rcsmtp, rgsmtp, rbsmtp, ...): the name decides nothing,
 * the first octets decide the format. Arguments are not looked at.
 *
 * Under uuxqt it answers 0 when everything in the batch is durable, be it as
 * a message or set aside, and 75 for everything else.
 */
#include "bridge/base/log.h"
#include "bridge/intake/batch.h"
#include "bridge/intake/keeper.h"

#include <unistd.h>

struct rsmtp {
	struct door door;
	char *const *arguments;
};

static enum ending
work(struct keeper *k, void *arg)
{
	struct rsmtp *r = arg;
	struct intake in;
	enum ending e = intake_open(&in, &r->door, k, ORIGIN_BSMTP);

	if (e == ENDING_DONE)
		e = batch_accept(&in, r->arguments);
	intake_close(&in);
	return e;
}

static enum ending
mourn(struct keeper *k, void *arg)
{
	struct rsmtp *r = arg;

	return intake_mourn(&r->door, k, r->arguments);
}

int
main(int argc, char **argv)
{
	static struct rsmtp r;

	r.arguments = argv + (argc > 0);
	door_enter(&r.door, "rsmtp");
	log_open_door("rsmtp");
	if (!r.door.under_uuxqt && isatty(0)) {
		log_line(LEVEL_ERROR, "usage: rsmtp <BATCH");
		return exit_status(ENDING_USAGE, false);
	}
	return keeper_run(&r.door, work, mourn, &r);
}
