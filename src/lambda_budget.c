#include "lambda_budget.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void forget_old(struct lambda_budget *budget, int64_t now_ms)
{
	size_t old = 0;

	while (old < budget->len && budget->times[old] <= now_ms - LAMBDA_BUDGET_HOUR_MS)
		old++;
	if (old == 0)
		return;
	budget->len -= old;
	memmove(budget->times, budget->times + old, budget->len * sizeof(*budget->times));
}

int lambda_budget_take(struct lambda_budget *budget, unsigned max_per_hour, int64_t now_ms)
{
	forget_old(budget, now_ms);
	if (budget->len >= max_per_hour)
		return -EDQUOT;
	if (budget->len == budget->cap) {
		size_t cap = budget->cap * 2 + 64;
		int64_t *times = reallocarray(budget->times, cap, sizeof(*times));

		if (!times)
			return -ENOMEM;
		budget->times = times;
		budget->cap = cap;
	}
	budget->times[budget->len++] = now_ms;
	return 0;
}

void lambda_budget_give_back(struct lambda_budget *budget)
{
	budget->len--;
}

void lambda_budget_finish(struct lambda_budget *budget)
{
	free(budget->times);
	*budget = (struct lambda_budget){};
}
