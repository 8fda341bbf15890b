#pragma once
/*
 * How many creations the last hour has had, in this execution environment of the function alone:
 * each of those that Lambda runs side by side has a budget of its own. For one thread.
 */
#include <stddef.h>
#include <stdint.h>

enum { LAMBDA_BUDGET_HOUR_MS = 3600 * 1000 };

struct lambda_budget {
	int64_t *times; /* monotonic, oldest first */
	size_t len, cap;
};

/* 0, −EDQUOT when the last hour had as many, −ENOMEM. */
int lambda_budget_take(struct lambda_budget *budget, unsigned max_per_hour, int64_t now_ms);
/* The newest was none. */
void lambda_budget_give_back(struct lambda_budget *budget);
void lambda_budget_finish(struct lambda_budget *budget);
