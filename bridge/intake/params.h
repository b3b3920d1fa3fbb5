/*
 * The parameters of MAIL and RCPT that are kept with a message: BODY and
 * SMTPUTF8, and those of RFC 3461. What is unknown or wrong is passed over: in
 * a batch nobody could be told.
 */
#ifndef INTAKE_PARAMS_H
#define INTAKE_PARAMS_H

#include "bridge/base/buf.h"
#include "bridge/message/attrs.h"

/* Sets smtputf8, ret and envid of *a; what envid points to is in *store. */
void params_mail(struct span params, struct buf *store, struct message_attrs *a);
/* Sets notify and orcpt; likewise. */
void params_rcpt(struct span params, struct buf *store, struct recipient_attrs *a);

#endif
