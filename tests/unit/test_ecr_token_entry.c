#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "clock.h"
#include "ecr_token_entry.h"

static const struct registry a = {.host = (char *)"a.example"}, b = {.host = (char *)"b.example"};

START_TEST(one_for_each_registry)
{
	struct ecr_token_entry *entries = NULL;
	struct ecr_token_entry *first = ecr_token_entry_of(&entries, &a);

	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_eq(first->registry, &a);
	ck_assert_ptr_ne(ecr_token_entry_of(&entries, &b), first);
	ck_assert_ptr_eq(ecr_token_entry_of(&entries, &a), first);
	ecr_token_entries_free(entries);
}
END_TEST

START_TEST(pauses_double_up_to_a_minute)
{
	static const int64_t pauses_s[] = {1, 2, 4, 8, 16, 32, 60, 60};

	for (unsigned i = 0; i < sizeof(pauses_s) / sizeof(*pauses_s); i++)
		ck_assert_int_eq(ecr_token_retry_pause_ms(i), pauses_s[i] * 1000);
	ck_assert_int_eq(ecr_token_retry_pause_ms(UINT_MAX), 60 * 1000);
}
END_TEST

START_TEST(a_token_is_due_at_half_of_its_life)
{
	struct ecr_token_entry *entries = NULL;
	struct ecr_token_entry *entry = ecr_token_entry_of(&entries, &a);
	struct ecr_token *token = NULL;
	int64_t now_ms = clock_mono_ms();

	entry->fetching = entry->used = true;
	entry->failures = 3;
	ck_assert_int_eq(ecr_token_new("QQ==", clock_wall_s() + 3600, &token), 0);
	ecr_token_entry_store(entry, ECR_DONE, token);
	ck_assert(!entry->fetching && !entry->used);
	ck_assert_uint_eq(entry->failures, 0);
	ck_assert_int_ge(entry->due_ms, now_ms + 1799 * 1000);
	ck_assert_int_le(entry->due_ms, clock_mono_ms() + 1800 * 1000);
	/* What fails keeps the token that there is. */
	ecr_token_entry_store(entry, ECR_TRANSIENT, NULL);
	ck_assert_ptr_eq(entry->token, token);
	ck_assert_uint_eq(entry->failures, 1);
	ecr_token_entries_free(entries);
}
END_TEST

START_TEST(refusals_tell_later_from_never)
{
	struct ecr_token_entry entry = {.registry = &a, .outcome = ECR_TRANSIENT, .fetches = 1};
	struct oci_error refusal;

	err_set(&entry.why, 0, "played");
	ck_assert_str_eq(ecr_token_entry_why(&entry), "played");
	ck_assert_int_eq(ecr_token_entry_refuse(&entry, &refusal), -EPERM);
	ck_assert_uint_eq(refusal.status, 504);
	entry.outcome = ECR_NO_CREDENTIALS;
	ecr_token_entry_refuse(&entry, &refusal);
	ck_assert_uint_eq(refusal.status, 403);
	ck_assert_ptr_nonnull(strstr(refusal.message, "played"));
}
END_TEST

START_TEST(why_before_any_fetch)
{
	const struct ecr_token_entry entry = {.registry = &a};

	ck_assert_str_eq(ecr_token_entry_why(&entry), "none was fetched yet");
}
END_TEST

UNIT(ecr_token_entry, one_for_each_registry, pauses_double_up_to_a_minute,
    a_token_is_due_at_half_of_its_life, refusals_tell_later_from_never, why_before_any_fetch);
