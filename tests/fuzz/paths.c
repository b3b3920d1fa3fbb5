/*
 * Paths files and recipients at random (libFuzzer: `make fuzz`): the first line
 * is a recipient, the rest a file. Whatever is in it, only hosts' names come
 * out of it; a destination has the next hop of its recipients; and one who may
 * not relay goes no other way for what the file or `reroute` says.
 */
#include "bridge/route/table.h"
#include "tests/unit/ask.h"
#include "tests/unit/gateway.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char name[40];

static struct route_table *
table_of(const struct config *c)
{
	struct route_table *t = route_table_new(c);
	struct config_faults faults = {0};

	if (t == NULL || route_table_read(t, ROUTE_PATHS, &faults) != 0)
		abort();
	config_faults_free(&faults);
	return t;
}

/* What the file became: in order, each hop a host. */
static void
look_at(const struct paths *p)
{
	struct span rest, hop;
	size_t i;

	for (i = 0; i < p->n; i++) {
		rest = p->v[i].hops;
		while (addr_hop_next(&rest, &hop))
			if (addr_hop_fault(hop) != NULL)
				abort();
		if (paths_host(p, p->v[i].host) != &p->v[i])
			abort();
	}
}

static void
recipient(const struct route_table *t, struct span text)
{
	struct route_steps steps = {0};
	struct route_answer one = {.steps = &steps}, all = {0};
	struct buf a = {0}, b = {0};

	if (route_find(t, text, ASK(NULL), &one) < 0 ||
	    route_of_destination(t, buf_view(&one.destination), &all) < 0)
		abort();
	route_hop_name(&one, SPAN(""), &a);
	route_hop_name(&all, SPAN(""), &b);
	/* one may be refused for what is behind its first hop */
	if (one.hop != HOP_REJECT &&
	    (!span_eq_nocase(buf_view(&a), buf_view(&b)) || one.rule != all.rule))
		abort();
	route_answer_free(&one);
	route_answer_free(&all);
	route_steps_free(&steps);
	buf_free(&a);
	buf_free(&b);
}

static void
stranger(const struct route_table *t, const struct route_table *plain, struct span text)
{
	struct buf a = {0}, b = {0};

	route_destination(t, text, ASK("guest"), &a);
	route_destination(plain, text, ASK("guest"), &b);
	if (!span_eq(buf_view(&a), buf_view(&b)))
		abort();
	buf_free(&a);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *names[] = {name};
	struct config c = gateway;
	struct span file = {(const char *)data, n}, first = span_cut(&file, '\n');
	struct route_table *t, *plain;
	int fd = memfd_create("paths", MFD_CLOEXEC);

	if (fd < 0 || fchmod(fd, 0600) < 0)
		abort();
	if (memchr(file.p, '\0', file.n) == NULL && file.n > 0 &&
	    write(fd, file.p, file.n) == (ssize_t)file.n) {
		snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
		plain = table_of(&c);
		c.paths = (struct config_strings){names, 1};
		c.reroute = REROUTE_NONE + (enum reroute_policy)(n % 3);
		t = table_of(&c);
		look_at(&t->paths);
		recipient(t, first);
		stranger(t, plain, first);
		route_table_free(t);
		route_table_free(plain);
	}
	close(fd);
	return 0;
}
