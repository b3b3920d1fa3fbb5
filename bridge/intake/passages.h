/*
 * How often has this letter been here before?
 *
 * Three hubs that each believe the next one to be the way hand a letter round
 * and round. A bound on all Received fields (limits.hops) ends that too, but
 * after a hundred turns over a link that costs money; our own passages are
 * few in honest mail, and we know our names. They are counted in two places,
 * because neither is always there: the Received fields that we wrote, and our
 * names in the sender's path, for letters that old rmails carry, who write a
 * From_ line and no Received.
 *
 * A field that somebody forged in our name costs its forger his own letter:
 * what looks like a loop is returned, not thrown away.
 */
#ifndef INTAKE_PASSAGES_H
#define INTAKE_PASSAGES_H

#include "bridge/message/header.h"
#include "bridge/route/route.h"

/* Received fields with "by HOSTNAME (bangway)" in them. */
unsigned passages_of_header(const struct header *h, const char *hostname);

/* Of a sender's path "a!b!c": our names, two of them side by side being one passage. */
unsigned passages_of_path(const struct route_table *t, struct span path);

#endif
