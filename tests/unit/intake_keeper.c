/*
 * The keeper: whatever becomes of the worker, under uuxqt it is 0 or 75, and a
 * death while parsing is mourned.
 */
#include "bridge/intake/keeper.h"

#include "bridge/base/log.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct end {
	const char *what;
	int signal; /* 0: ends by itself */
	enum ending ending;
	unsigned char phase;
	int under_uuxqt, by_hand; /* the exit status */
	bool mourned;
};

static const struct end ends[] = {
    {"done", 0, ENDING_DONE, KEEPER_STORE, 0, 0, false},
    {"later", 0, ENDING_TEMPORARY, KEEPER_STORE, 75, 75, false},
    {"wrong configuration", 0, ENDING_CONFIG, KEEPER_READY, 75, 78, false},
    {"wrong data", 0, ENDING_DATA, KEEPER_PARSE, 75, 65, false},
    {"crash in the parser", SIGSEGV, 0, KEEPER_PARSE, 75, 75, true},
    {"crash in the spool", SIGBUS, 0, KEEPER_STORE, 75, 75, true},
    {"abort", SIGABRT, 0, KEEPER_PARSE, 75, 75, true},
    {"too much time", SIGXCPU, 0, KEEPER_PARSE, 75, 75, true},
    {"killed", SIGKILL, 0, KEEPER_PARSE, 75, 75, false},
    {"ended by a shutdown", SIGTERM, 0, KEEPER_PARSE, 75, 75, false},
    {"trapped", SIGTRAP, 0, KEEPER_READY, 75, 75, true},
};

static volatile int *mourned; /* shared with the children */

static enum ending
work(struct keeper *k, void *arg)
{
	const struct end *e = arg;

	k->phase = e->phase;
	if (e->signal == 0)
		return keeper_reason(k, e->ending, "%s", e->what);
	signal(e->signal, SIG_DFL); /* a sanitizer would catch it */
	raise(e->signal);
	return ENDING_SOFTWARE;
}

static enum ending
mourn(struct keeper *k, void *arg)
{
	const struct end *e = arg;

	*mourned = k->phase == e->phase ? 1 : 2;
	return ENDING_DONE;
}

static void
every_end_is_0_or_75(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct door uuxqt = {.program = "test", .machine = "alpha", .under_uuxqt = true};
		struct door person = {.program = "test", .machine = ""};
		struct end e = ends[i];

		sigset_t none;

		/* A keeper holds signals to its end; here another one follows. */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		*mourned = 0;
		assert_int_equal(keeper_run(&uuxqt, work, mourn, &e), e.under_uuxqt);
		assert_int_equal(*mourned, e.mourned);
		sigprocmask(SIG_SETMASK, &none, NULL);
		assert_int_equal(keeper_run(&person, work, mourn, &e), e.by_hand);
	}
}

/* A signal that would end the parent would be final to uuxqt: it is held back. */
static enum ending
work_that_ends_its_parent(struct keeper *k, void *arg)
{
	(void)k, (void)arg;
	kill(getppid(), SIGTERM);
	kill(getppid(), SIGHUP);
	kill(getppid(), SIGINT);
	return ENDING_DONE;
}

static void
the_parent_outlives_signals(void **state)
{
	struct door d = {.program = "test", .machine = "alpha", .under_uuxqt = true};
	sigset_t held;
	struct timespec none = {0};

	(void)state;
	assert_int_equal(keeper_run(&d, work_that_ends_its_parent, mourn, NULL), 0);
	/* They wait still: take them, or the test ends by them. */
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGINT);
	for (int i = 0; i < 3; i++)
		assert_true(sigtimedwait(&held, NULL, &none) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_end_is_0_or_75),
	    cmocka_unit_test(the_parent_outlives_signals),
	};

	mourned =
	    mmap(NULL, sizeof *mourned, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	log_socket("/nonexistent");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
