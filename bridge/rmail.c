/*
 * rmail RECIPIENT...: a letter on standard input, as uuxqt runs it.
 *
 * Every argument is an address and none is an option: they are a remote
 * machine's words. Under uuxqt it answers 0 when the letter is durable, and 75
 * for everything else.
 */
#include "bridge/base/log.h"
#include "bridge/intake/keeper.h"
#include "bridge/intake/letter.h"

struct rmail {
	struct door door;
	char *const *arguments;
};

static enum ending
work(struct keeper *k, void *arg)
{
	struct rmail *r = arg;
	struct intake in;
	enum ending e = intake_open(&in, &r->door, k, ORIGIN_UUCP);

	if (e == ENDING_DONE)
		e = letter_accept(&in, r->arguments);
	intake_close(&in);
	return e;
}

static enum ending
mourn(struct keeper *k, void *arg)
{
	struct rmail *r = arg;

	return intake_mourn(&r->door, k, r->arguments);
}

int
main(int argc, char **argv)
{
	static struct rmail r;

	r.arguments = argv + (argc > 0);
	door_enter(&r.door, "rmail");
	log_open_door("rmail");
	if (r.arguments[0] == NULL && !r.door.under_uuxqt) {
		log_line(LEVEL_ERROR, "usage: rmail RECIPIENT... <LETTER");
		return exit_status(ENDING_USAGE, false);
	}
	return keeper_run(&r.door, work, mourn, &r);
}
