#include "bridge/route/table.h"
bool route_local_fits(struct span address) { const char *at = memrchr(address.p, '@', address.n); return at == NULL || at - address.p <= 64; }
