/*
 * How is a next hop named to a person, and to a program?
 */
#ifndef OPERATOR_HOP_H
#define OPERATOR_HOP_H

#include "bridge/route/route.h"

#include <jansson.h>
#include <stdbool.h>

/* "smtp:shore.example:465, then smtp:b.example:25", "mx of cwi.example", "maildir:/var/mail/u", ...
 */
void hop_text(const struct route_answer *a, struct buf *out);
/* "vsat, port-wifi", or "any". */
void hop_links_text(const struct config_route *rule, struct buf *out);
/* It leaves this machine, so by a link; and whether that link may carry it. */
bool hop_wants_link(const struct route_answer *a);
bool hop_has_link(const struct route_answer *a, const char *link);
/* "FILE:LINE", the file without its directory; "" for what is built in. */
void hop_place_text(struct config_place place, struct buf *out);
/* " [FILE:LINE]", to stand behind what it gave; "" likewise. */
void hop_place_add(struct config_place place, struct buf *out);

/* {"kind","text","address","stands-for","links":[..],"cost","file","line","verdict":{..}} */
json_t *hop_json(const struct route_answer *a);

#endif
