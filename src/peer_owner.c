#include "peer_owner.h"

#include <errno.h>
#ifdef __linux__
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "clock.h"

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

/* −1: a socket is opened for each question. */
static int passed = -1;

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
static int put(int netlink, const struct question *question, struct answer *ret)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t n;

	if (sendto(netlink, question, sizeof(*question), 0, (struct sockaddr *)&kernel,
		sizeof(kernel)) < 0)
		return -errno;
	/* An earlier answer may be left in the passed socket: of a process that was killed. */
	do
		n = recv(netlink, ret, sizeof(*ret), MSG_DONTWAIT);
	while (n >= 0 && ret->head.nlmsg_seq != question->head.nlmsg_seq);
	if (n < 0)
		return -errno;
	/* Both forms go on after what is read here: an error repeats the question. */
	return n < (ssize_t)sizeof(*ret) ? -EPROTO : 0;
}

static int put_through_own(const struct question *question, struct answer *ret)
{
	_cleanup_(closep) int netlink =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	return netlink < 0 ? -errno : put(netlink, question, ret);
}

static int put_through_passed(struct question *question, struct answer *ret)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static __u32 sequence;
	int r;

	pthread_mutex_lock(&lock);
	/* Not that of the process before, which began at 1. */
	if (sequence == 0)
		sequence = (__u32)clock_mono_ms();
	question->head.nlmsg_seq = ++sequence;
	r = put(passed, question, ret);
	pthread_mutex_unlock(&lock);
	return r;
}

int peer_owner_ask_through(int netlink)
{
	int domain, protocol;
	socklen_t len = sizeof(int);

	if (getsockopt(netlink, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
	    getsockopt(netlink, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) < 0 ||
	    domain != AF_NETLINK || protocol != NETLINK_SOCK_DIAG)
		return -EPROTOTYPE;
	fcntl(netlink, F_SETFD, FD_CLOEXEC);
	passed = netlink;
	return 0;
}

int peer_owner(int fd, uid_t *ret)
{
	struct question question;
	struct answer answer = {};
	int r;

	r = compose(fd, &question);
	if (r == 0)
		r = passed < 0 ? put_through_own(&question, &answer)
			       : put_through_passed(&question, &answer);
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
#else
/* What TCP_PCBLIST (FreeBSD, macOS) knows could be asked here. */
int peer_owner(int fd, uid_t *ret)
{
	(void)fd;
	(void)ret;
	return -ENOTSUP;
}
#endif
