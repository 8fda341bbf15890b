#include "user_name.h"

#include <pthread.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

enum {
	KNOWN_MAX = 16, /* users of one machine at the same time */
	KNOWN_MS = 5 * 60 * 1000,
	RECORD_MAX = 16 * 1024, /* sysconf(_SC_GETPW_R_SIZE_MAX) says 1 KiB; groups do not matter */
};

struct known {
	uid_t uid;
	int64_t until_ms; /* monotonic; 0: free */
	char name[USER_NAME_SIZE];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct known table[KNOWN_MAX];

static bool recall(uid_t uid, int64_t now_ms, char ret[static USER_NAME_SIZE])
{
	bool found = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < KNOWN_MAX && !found; i++) {
		found = table[i].uid == uid && table[i].until_ms > now_ms;
		if (found)
			memcpy(ret, table[i].name, USER_NAME_SIZE);
	}
	pthread_mutex_unlock(&lock);
	return found;
}

static void remember(uid_t uid, int64_t now_ms, const char name[static USER_NAME_SIZE])
{
	struct known *oldest = &table[0];

	pthread_mutex_lock(&lock);
	for (size_t i = 1; i < KNOWN_MAX; i++)
		if (table[i].until_ms < oldest->until_ms)
			oldest = &table[i];
	*oldest = (struct known){.uid = uid, .until_ms = now_ms + KNOWN_MS};
	memcpy(oldest->name, name, USER_NAME_SIZE);
	pthread_mutex_unlock(&lock);
}

static void look_up(uid_t uid, char ret[static USER_NAME_SIZE])
{
	char record[RECORD_MAX];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, record, sizeof(record), &found) == 0 && found &&
	    found->pw_name[0] && strlen(found->pw_name) < USER_NAME_SIZE)
		snprintf(ret, USER_NAME_SIZE, "%s", found->pw_name);
	else
		snprintf(ret, USER_NAME_SIZE, "%u", uid);
}

void user_name(uid_t uid, char ret[static USER_NAME_SIZE])
{
	int64_t now_ms = clock_mono_ms();

	if (recall(uid, now_ms, ret))
		return;
	look_up(uid, ret);
	remember(uid, now_ms, ret);
}

static bool is_number(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

bool users_allow(char *const *allowed, uid_t uid)
{
	char name[USER_NAME_SIZE], number[16];

	if (!allowed)
		return true;
	user_name(uid, name);
	snprintf(number, sizeof(number), "%u", uid);
	for (; *allowed; allowed++)
		if (strcmp(*allowed, is_number(*allowed) ? number : name) == 0)
			return true;
	return false;
}
