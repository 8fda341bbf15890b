#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "address_text.h"

START_TEST(both_families)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(5100)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(1)};
	char text[ADDRESS_TEXT_SIZE];

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address_text((struct sockaddr *)&v4, sizeof(v4), text);
	ck_assert_str_eq(text, "127.0.0.1:5100");
	v6.sin6_addr = in6addr_loopback;
	address_text((struct sockaddr *)&v6, sizeof(v6), text);
	ck_assert_str_eq(text, "[::1]:1");
}
END_TEST

START_TEST(others_have_none)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	struct sockaddr_in short_one = {.sin_family = AF_INET};
	char text[ADDRESS_TEXT_SIZE] = "x";

	address_text((struct sockaddr *)&local, sizeof(local), text);
	ck_assert_str_eq(text, "");
	text[0] = 'x';
	address_text((struct sockaddr *)&short_one, sizeof(sa_family_t), text);
	ck_assert_str_eq(text, "");
}
END_TEST

UNIT(address_text, both_families, others_have_none);
