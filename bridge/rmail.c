/*
 * rmail RECIPIENT...: a letter on standard input, as uuxqt runs it.
 *
 * Every argument is an address and none is an option: they are a remote
 * machine's words. Under uuxqt it answers 0 when the letter is durable, and 75
 * for everything else.
 */
#include "bridge/base/log.h"
#include "bridge/intake/letter.h"

int
main(int argc, char **argv)
{
	char *const *arguments = argv + (argc > 0);
	static struct door door; /* what it keeps is in use to the end */

	door_enter(&door, "rmail");
	log_open_door("rmail");
	if (arguments[0] == NULL && !door.under_uuxqt) {
		log_line(LEVEL_ERROR, "usage: rmail RECIPIENT... <LETTER");
		return exit_status(ENDING_USAGE, false);
	}
	return intake_run(&door, ORIGIN_UUCP, letter_accept, arguments);
}
