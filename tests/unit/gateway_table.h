/*
 * The table of the gateway of gateway.h, made before the first test of a group
 * and freed behind the last; with a memory of answers where they need one.
 */
#ifndef TEST_GATEWAY_TABLE_H
#define TEST_GATEWAY_TABLE_H

#include "tests/unit/gateway.h"
#include "tests/unit/remember.h"

static struct route_table *table;

static inline int
gateway_open(void **state)
{
	(void)state;
	table = route_table_new(&gateway);
	return table != NULL ? 0 : -1;
}

static inline int
gateway_open_keyed(void **state)
{
	if (gateway_open(state) < 0)
		return -1;
	remember(table);
	return 0;
}

static inline int
gateway_close(void **state)
{
	(void)state;
	route_table_free(table);
	buf_free(&remembered);
	return 0;
}

#endif
