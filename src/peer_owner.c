#include "peer_owner.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

struct answer {
	struct nlmsghdr head;
	union {
		struct inet_diag_msg body;
		struct nlmsgerr error;
	};
};

/* Address and port, in network order, as the question wants them. */
static int put_end(const union address *end, __be32 address[4], __be16 *port)
{
	switch (end->any.sa_family) {
	case AF_INET:
		memcpy(address, &end->v4.sin_addr, sizeof(end->v4.sin_addr));
		*port = end->v4.sin_port;
		return 0;
	case AF_INET6:
		memcpy(address, &end->v6.sin6_addr, sizeof(end->v6.sin6_addr));
		*port = end->v6.sin6_port;
		return 0;
	default:
		return -EAFNOSUPPORT;
	}
}

/* Source is the socket that is looked for: the one whose own end is our peer. */
static int compose(int fd, struct question *ret)
{
	struct inet_diag_sockid *id = &ret->body.id;
	union address ours = {}, theirs = {};
	socklen_t ours_len = sizeof(ours), theirs_len = sizeof(theirs);
	int r;

	if (getsockname(fd, &ours.any, &ours_len) < 0 ||
	    getpeername(fd, &theirs.any, &theirs_len) < 0)
		return -errno;
	*ret = (struct question){
	    .head = {.nlmsg_len = sizeof(*ret),
		.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlmsg_flags = NLM_F_REQUEST},
	    .body = {.sdiag_family = (__u8)ours.any.sa_family,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = ~0U,
		.id.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
	};
	r = put_end(&theirs, id->idiag_src, &id->idiag_sport);
	return r < 0 ? r : put_end(&ours, id->idiag_dst, &id->idiag_dport);
}

/* The kernel answers before send() returns: nothing waits here. */
static int put(const struct question *question, struct answer *ret)
{
	_cleanup_(closep) int netlink = -1;
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t n;

	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (netlink < 0 || sendto(netlink, question, sizeof(*question), 0,
			       (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	n = recv(netlink, ret, sizeof(*ret), MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	/* Both forms go on after what is read here: an error repeats the question. */
	return n < (ssize_t)sizeof(*ret) ? -EPROTO : 0;
}

int peer_owner(int fd, uid_t *ret)
{
	struct question question;
	struct answer answer = {};
	int r;

	r = compose(fd, &question);
	if (r == 0)
		r = put(&question, &answer);
	if (r < 0)
		return r;
	if (answer.head.nlmsg_type == NLMSG_ERROR)
		return answer.error.error < 0 ? answer.error.error : -EPROTO;
	/* Where the connection is gone, it may be one that listens there, without a far end. And
	   one that its process has closed has no inode any more, and root's number. */
	if (answer.body.id.idiag_dport != question.body.id.idiag_dport ||
	    answer.body.idiag_inode == 0)
		return -ENOENT;
	*ret = answer.body.idiag_uid;
	return 0;
}
