#pragma once
/* STS's answers to AssumeRole, in XML, as one of fake_fetch.h's; what was asked is found there. */
#include "fake_fetch.h"
#include "timefmt.h"

/* The next answer: keys of that id, for so long. */
static inline void fake_sts(const char *id, int64_t life_s)
{
	static char bodies[FAKE_FETCHES][512];
	char *body = bodies[fake_answers_len], expires[TIME_ISO_SIZE];

	time_format_iso((clock_wall_s() + life_s) * 1000, expires);
	snprintf(body, sizeof(bodies[0]),
	    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId>"
	    "<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"
	    "<Expiration>%s</Expiration></Credentials><AssumedRoleUser>"
	    "<Arn>arn:aws:sts::123456789012:assumed-role/%s/s</Arn></AssumedRoleUser>"
	    "</AssumeRoleResult></AssumeRoleResponse>",
	    id, expires, id);
	fake_answer((struct fake_answer){.status = 200, .body = body});
}

/* Was request `index` signed with the keys of that id, and does its body have that text? */
static inline void fake_sts_check(size_t index, const char *id, const char *text)
{
	const char *authorization = headers_get(&fake_asked[index].headers, "Authorization");
	char scope[64];

	snprintf(scope, sizeof(scope), "Credential=%s/", id ? id : "");
	ck_assert_uint_lt(index, fake_fetches);
	ck_assert_msg(!id == !authorization && (!id || strstr(authorization, scope)),
	    "request %zu: not signed with %s", index, id ? id : "nothing");
	ck_assert_msg(strstr(str_text(&fake_asked[index].body), text), "request %zu: %s", index,
	    str_text(&fake_asked[index].body));
}
