#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "clock.h"

enum {
	/* Its end is looked for this often while it keeps its output open or closed it early. */
	TICK_MS = 50,
	/* Read in one go, so that no flood keeps us from the deadline: what a pipe can hold. */
	BLOCKS = 16,
	BLOCK = 4096,
};

extern char **environ;

struct pipe {
	int read_fd, write_fd;
};

struct running {
	const struct child_command *command;
	struct pipe out, err;
	pid_t pid; /* 0: none that is to be waited for */
	int status;
	struct child_result result;
};

static void close_fd(int *fd)
{
	closep(fd);
	*fd = -1;
}

static void running_finish(struct running *running)
{
	if (running->pid > 0) {
		/* Before it is waited for, so that the number is still its own. */
		kill(-running->pid, SIGKILL);
		while (waitpid(running->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close_fd(&running->out.read_fd);
	close_fd(&running->out.write_fd);
	close_fd(&running->err.read_fd);
	close_fd(&running->err.write_fd);
	child_result_finish(&running->result);
}

/* Only our end does not block: the other one belongs to a program that does not expect it. */
static int open_pipe(struct pipe *ret)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*ret = (struct pipe){fds[0], fds[1]};
	return fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int set_files(const struct running *running, posix_spawn_file_actions_t *files)
{
	int r;

	r = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!r)
		r = posix_spawn_file_actions_adddup2(files, running->out.write_fd, STDOUT_FILENO);
	if (!r)
		r = posix_spawn_file_actions_adddup2(files, running->err.write_fd, STDERR_FILENO);
	return r;
}

/*
 * Whatever a library opened without close-on-exec, as libcurl 7.88.1 its sockets; our own have it
 * from birth. Only glibc >= 2.34 can tell posix_spawn() to close them. No list, no sweep.
 */
static void close_all_on_exec(void)
{
	DIR *open_files = opendir("/proc/self/fd"); /* Linux, also without a /dev */
	struct dirent *entry;

	if (!open_files)
		open_files = opendir("/dev/fd"); /* macOS, the BSDs */
	if (!open_files)
		return;
	while ((entry = readdir(open_files))) {
		int fd = atoi(entry->d_name);

		if (fd > STDERR_FILENO)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	closedir(open_files);
}

/* Signals as a program expects them; a group of its own, which can be killed as a whole. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attributes, &none);
	if (!r)
		r = posix_spawnattr_setsigdefault(attributes, &all);
	if (!r)
		r = posix_spawnattr_setpgroup(attributes, 0);
	if (!r)
		r = posix_spawnattr_setflags(attributes,
		    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	return r;
}

static int spawn(struct running *running)
{
	char *const *words = running->command->words;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int r;

	if (posix_spawn_file_actions_init(&files))
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&files);
		return -ENOMEM;
	}
	r = set_files(running, &files);
	if (!r)
		r = set_attributes(&attributes);
	close_all_on_exec();
	if (!r)
		r = posix_spawnp(&running->pid, words[0], &files, &attributes, words, environ);
	/* POSIX leaves it unspecified after a failure. */
	if (r)
		running->pid = 0;
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

static int start(struct running *running)
{
	int r;

	r = open_pipe(&running->out);
	if (r >= 0)
		r = open_pipe(&running->err);
	if (r >= 0)
		r = spawn(running);
	close_fd(&running->out.write_fd);
	close_fd(&running->err.write_fd);
	return r;
}

/* Takes what there is, up to max octets in all; what is more is dropped, or −EMSGSIZE. */
static int take(int *fd, size_t max, bool drop, struct str *into)
{
	char block[BLOCK];
	ssize_t n = 1;
	int r = 0;

	for (int i = 0; i < BLOCKS && n > 0 && r >= 0 && *fd >= 0; i++) {
		size_t room = max - into->len;

		n = read(*fd, block, sizeof(block));
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			close_fd(fd);
		else if (n > 0 && (size_t)n > room && !drop)
			r = -EMSGSIZE;
		else if (n > 0)
			r = str_append(into, block, (size_t)n < room ? (size_t)n : room);
	}
	explicit_bzero(block, sizeof(block));
	return r;
}

static bool has_ended(struct running *running)
{
	pid_t pid = waitpid(running->pid, &running->status, WNOHANG);

	/* Where SIGCHLD is ignored (ECHILD) nobody knows how it ended: its output tells. */
	if (pid != running->pid && !(pid < 0 && errno == ECHILD))
		return false;
	running->pid = 0;
	return true;
}

static int attend(struct running *running)
{
	const struct child_command *command = running->command;
	bool ended = false;
	int r = 0;

	while (!ended && r >= 0) {
		struct pollfd fds[] = {{.fd = running->out.read_fd, .events = POLLIN},
		    {.fd = running->err.read_fd, .events = POLLIN},
		    {.fd = command->stop->fd, .events = POLLIN}};
		int64_t left = clock_left_ms(command->deadline_ms);

		poll(fds, 3, left < TICK_MS ? (int)left : TICK_MS);
		/* First, so that what it wrote before its end is there to be read. */
		ended = has_ended(running);
		r = take(&running->out.read_fd, command->max_out, false, &running->result.out);
		if (r >= 0)
			r = take(
			    &running->err.read_fd, command->max_err, true, &running->result.err);
		if (r >= 0 && !ended && fds[2].revents)
			r = -ECANCELED;
		if (r >= 0 && !ended && left == 0)
			r = -ETIMEDOUT;
	}
	return r;
}

int child_run(const struct child_command *command, struct child_result *ret)
{
	_cleanup_(running_finish) struct running running = {
	    .command = command, .out = {-1, -1}, .err = {-1, -1}};
	int r;

	r = start(&running);
	if (r >= 0)
		r = attend(&running);
	if (r < 0)
		return r;
	running.result.exit_code = WIFEXITED(running.status) ? WEXITSTATUS(running.status) : -1;
	running.result.signal = WIFSIGNALED(running.status) ? WTERMSIG(running.status) : 0;
	*ret = running.result;
	running.result = (struct child_result){};
	return 0;
}

void child_result_finish(struct child_result *result)
{
	str_finish(&result->out);
	str_finish(&result->err);
}
