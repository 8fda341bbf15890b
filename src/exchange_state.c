#include "exchange_state.h"

#include <errno.h>

int exchange_refuse(struct exchange *x, const char *reason)
{
	x->access.reason = reason;
	x->access.detail = x->refusal.message;
	return -EPERM;
}
