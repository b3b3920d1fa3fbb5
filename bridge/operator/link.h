/*
 * The links as they stand, for whoever shows them: `bangway link` and
 * `bangway status`.
 */
#ifndef OPERATOR_LINK_H
#define OPERATOR_LINK_H

#include "bridge/operator/why.h"

void link_table(struct console *con, const struct why *why, struct buf *out);
json_t *link_array(struct console *con, const struct why *why); /* owned */

/* One of them: "vsat: down for 3h20m, manual". Not escaped. */
void link_text(struct console *con, const struct why *why, const struct config_link *l,
               struct buf *out);
json_t *link_json(struct console *con, const struct why *why,
                  const struct config_link *l); /* owned */

#endif
