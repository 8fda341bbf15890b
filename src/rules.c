#include "rules.h"

struct decision rules_decide(
    const struct rules *rules, const struct registry *registry, const char *repository)
{
	return (struct decision){.settings = &repository_settings_default};
}
