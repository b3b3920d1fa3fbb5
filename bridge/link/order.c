#include "bridge/link/order.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [LINK_ORDER_AUTO] = "auto",
    [LINK_ORDER_UP] = "up",
    [LINK_ORDER_DOWN] = "down",
};

const char *
link_order_name(enum link_order o)
{
	return names[o];
}

int
link_order_parse(const char *text, enum link_order *out)
{
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum link_order)i;
			return 0;
		}
	return -1;
}

const char *
link_order_fact(const char *link, char out[LINK_FACT_NAME])
{
	snprintf(out, LINK_FACT_NAME, "link/%.100s/order", link);
	return out;
}

enum link_order
link_order_of_fact(const void *p, size_t n)
{
	enum link_order o = LINK_ORDER_AUTO;
	char text[8] = "";

	if (n < sizeof text) {
		memcpy(text, p, n);
		text[n] = '\0';
		link_order_parse(text, &o);
	}
	return o;
}
