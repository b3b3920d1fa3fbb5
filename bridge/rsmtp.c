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

#include <unistd.h>

int
main(int argc, char **argv)
{
	static struct door door; /* what it keeps is in use to the end */

	door_enter(&door, "rsmtp");
	log_open_door("rsmtp");
	if (!door.under_uuxqt && isatty(0)) {
		log_line(LEVEL_ERROR, "usage: rsmtp <BATCH");
		return exit_status(ENDING_USAGE, false);
	}
	return intake_run(&door, ORIGIN_BSMTP, batch_accept, argv + (argc > 0));
}
