/*
 * How is a next hop named to a person, and to a program?
 */
#ifndef OPERATOR_HOP_H
#define OPERATOR_HOP_H

#include "bridge/route/route.h"

#include <jansson.h>

/* "smtp:shore.example:465, then smtp:b.example:25", "mx of cwi.example", "maildir:/var/mail/u", ...
 */
void hop_text(const struct route_answer *a, struct buf *out);
/* "vsat, port-wifi", or "any". */
void hop_links_text(const struct config_route *rule, struct buf *out);
/* "FILE:LINE", the file without its directory; "" for what is built in. */
void hop_place_text(struct config_place place, struct buf *out);

/* {"kind","text","address","links":[..],"file","line","verdict":{..}} */
json_t *hop_json(const struct route_answer *a);

#endif
