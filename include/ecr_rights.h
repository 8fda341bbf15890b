#pragma once
/*
 * Which rights an identity has, found out without making anything. ECR decides on a right by the
 * name in the request, before it looks whether there is such a repository: about one that does not
 * exist it answers RepositoryNotFoundException to who has the right and AccessDeniedException to
 * who has not (as its CloudTrail events show it). So each call here names one that does not exist,
 * by chance alone, and could do nothing there.
 */
#include <stdbool.h>
#include <stdint.h>

#include "ecr_call.h"

/* What a push needs (user guide, "Required IAM permissions for pushing an image"). */
struct push_right {
	const char *name;  /* of the API's operation; NULL ends the list */
	const char *extra; /* members of its request behind registryId and repositoryName */
	/* Where a creation template says CREATE_ON_PUSH, this call would create the repository. */
	bool creates;
};
extern const struct push_right push_rights[];

/* ECR_NOT_FOUND: the right is there; ECR_ACCESS_DENIED: it is not; else nobody knows. With a text
   that says why. */
enum ecr_outcome ecr_ask_push_right(const struct registry *registry, const char *missing,
    const struct push_right *right, int64_t deadline_ms, struct err *e);

/*
 * A repository that exists: the first that `wanted` takes, else the first of all; of one page.
 * ECR_DONE with *ret to be freed, NULL when the registry is empty; else the failure with a text.
 */
enum ecr_outcome ecr_find_repository(const struct registry *registry,
    bool (*wanted)(void *userdata, const char *repository), void *userdata, int64_t deadline_ms,
    char **ret, struct err *e);
