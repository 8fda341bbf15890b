#include "address_text.h"

#include <netdb.h>
#include <stdio.h>

void address_text(const struct sockaddr *address, socklen_t len, char ret[static ADDRESS_TEXT_SIZE])
{
	char host[ADDRESS_TEXT_SIZE - 16], port[8];

	ret[0] = '\0';
	if ((address->sa_family != AF_INET && address->sa_family != AF_INET6) ||
	    getnameinfo(address, len, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	snprintf(ret, ADDRESS_TEXT_SIZE, address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
	    port);
}
