/*
 * The files of a table, watched: a change is told once, and a lack of memory
 * when the watching begins is no reason never to watch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/operator/daemon_watch.h"
#include "tests/unit/gateway.h"

#define MOST_MS 5000

static bool no_memory;

/* Before the library's, for all that is linked here. */
char *
strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = no_memory ? NULL : malloc(n);

	return copy != NULL ? memcpy(copy, s, n) : NULL;
}

struct world {
	char path[64];
	struct config config;
	struct route_table *table;
	uv_loop_t loop;
	struct watch *watch;
	unsigned told;
};

static void
on_told(void *owner, const char *name)
{
	struct world *w = owner;

	assert_string_equal(name, w->path);
	w->told++;
}

static void
write_paths(const struct world *w, const char *text)
{
	FILE *f = fopen(w->path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct config_faults faults = {0};
	int made;

	assert_non_null(w);
	strcpy(w->path, "/tmp/bangway-watch-XXXXXX");
	assert_true((made = mkstemp(w->path)) >= 0);
	close(made);
	write_paths(w, "far\tvax43!far!%s\n");
	w->config = gateway;
	w->config.paths = (struct config_strings)LIST(w->path);
	w->table = route_table_new(&w->config);
	assert_non_null(w->table);
	assert_int_equal(route_table_read(w->table, ROUTE_FILES, &faults), 0);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->watch = watch_new(&w->loop, on_told, w);
	assert_non_null(w->watch);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	watch_free(w->watch);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	route_table_free(w->table);
	unlink(w->path);
	free(w);
	return 0;
}

static void
on_late(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* Until it was told so often, or for so long. */
static void
run(struct world *w, unsigned told, unsigned most_ms)
{
	bool late = false;
	uv_timer_t timer = {.data = &late};

	uv_timer_init(&w->loop, &timer);
	uv_timer_start(&timer, on_late, most_ms, 0);
	while (!late && w->told < told)
		uv_run(&w->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&w->loop, UV_RUN_NOWAIT);
}

static void
a_change_is_told_once(void **state)
{
	struct world *w = *state;

	watch_use(w->watch, w->table);
	write_paths(w, "far\tvax43!other!%s\n");
	run(w, 1, MOST_MS);
	run(w, 2, 1500);
	assert_int_equal(w->told, 1);
}

/* The timer of a minute rings now. */
static void
ring(uv_handle_t *handle, void *rung)
{
	uv_timer_t *timer = (uv_timer_t *)handle;

	if (handle->type == UV_TIMER && uv_is_active(handle) &&
	    uv_timer_get_due_in(timer) > 30000) {
		uv_timer_start(timer, timer->timer_cb, 0, 0);
		++*(unsigned *)rung;
	}
}

static void
without_memory_it_is_tried_again(void **state)
{
	struct world *w = *state;
	unsigned rung = 0;

	no_memory = true;
	watch_use(w->watch, w->table);
	uv_walk(&w->loop, ring, &rung);
	run(w, 1, 50);
	assert_int_equal(rung, 1); /* and in vain */
	no_memory = false;
	uv_walk(&w->loop, ring, &rung);
	write_paths(w, "far\tvax43!other!%s\n");
	run(w, 1, MOST_MS);
	assert_int_equal(rung, 2);
	assert_int_equal(w->told, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_change_is_told_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(without_memory_it_is_tried_again, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
