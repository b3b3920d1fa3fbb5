#include "bridge/base/exits.h"

#include <sysexits.h>

int
exit_status(enum ending e, bool under_uuxqt)
{
	static const int sysexits[] = {
	    [ENDING_DONE] = 0,
	    [ENDING_USAGE] = EX_USAGE,
	    [ENDING_DATA] = EX_DATAERR,
	    [ENDING_NOINPUT] = EX_NOINPUT,
	    [ENDING_UNAVAILABLE] = EX_UNAVAILABLE,
	    [ENDING_SOFTWARE] = EX_SOFTWARE,
	    [ENDING_SYSTEM] = EX_OSERR,
	    [ENDING_CANTCREATE] = EX_CANTCREAT,
	    [ENDING_IO] = EX_IOERR,
	    [ENDING_TEMPORARY] = EX_TEMPFAIL,
	    [ENDING_NOPERM] = EX_NOPERM,
	    [ENDING_CONFIG] = EX_CONFIG,
	};

	if (under_uuxqt)
		return e == ENDING_DONE ? 0 : EX_TEMPFAIL;
	return sysexits[e];
}
