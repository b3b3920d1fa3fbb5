/*
 * A parser that can be killed by a letter: linked over header_parse() with
 * --wrap, into programs that only tests run. No variable and no option of the
 * real programs leads here.
 */
#include "bridge/message/header.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int __real_header_parse(struct span start, struct header *out);
int __wrap_header_parse(struct span start, struct header *out);

int
__wrap_header_parse(struct span start, struct header *out)
{
	if (memmem(start.p, start.n, "X-Kill: segv", 12) != NULL)
		raise(SIGSEGV);
	if (memmem(start.p, start.n, "X-Kill: abrt", 12) != NULL)
		raise(SIGABRT);
	if (memmem(start.p, start.n, "X-Kill: kill", 12) != NULL)
		raise(SIGKILL);
	if (memmem(start.p, start.n, "X-Kill: exit", 12) != NULL)
		_exit(1);
	return __real_header_parse(start, out);
}
