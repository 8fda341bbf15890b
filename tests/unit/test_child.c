#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"

static struct stop stop;

static int run(const char *const *words, int64_t ms, struct child_result *ret)
{
	struct child_command command = {.words = (char *const *)words,
	    .deadline_ms = clock_mono_ms() + ms,
	    .stop = &stop,
	    .max_out = 65536,
	    .max_err = 100};
	int r;

	if (!stop.fd)
		ck_assert_int_eq(stop_init(&stop), 0);
	r = child_run(&command, ret);
	/* Whatever happened: none of ours is left, not even dead. */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	return r;
}

static int shell(const char *script, int64_t ms, struct child_result *ret)
{
	return run((const char *[]){"sh", "-c", script, NULL}, ms, ret);
}

START_TEST(both_outputs_and_the_code)
{
	static const struct {
		const char *script, *out, *err;
		int exit_code, signal;
	} cases[] = {
	    {"echo hello", "hello\n", "", 0, 0},
	    {"echo no >&2; exit 3", "", "no\n", 3, 0},
	    {"exit 255", "", "", 255, 0},
	    {"printf 'a\\000b'; exec >&- 2>&-; exit 1", "a", "", 1, 0},
	    {"kill -9 $$", "", "", -1, SIGKILL},
	    /* Nothing to read, signals as usual, nothing of ours is open. */
	    {"cat; echo end", "end\n", "", 0, 0},
	    {"kill -PIPE $$; echo alive", "", "", -1, SIGPIPE},
	    {"exec ls /proc/self/fd | tr '\\n' ' '", "0 1 2 3 ", "", 0, 0},
	    {"exec 2>&-; exec >&-; sleep 0.2; exit 7", "", "", 7, 0},
	};

	signal(SIGPIPE, SIG_IGN);
	/* A descriptor that a library forgot to close. */
	ck_assert_int_ge(open("/dev/null", O_RDONLY), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(child_result_finish) struct child_result result = {};

		ck_assert_int_eq(shell(cases[i].script, 10000, &result), 0);
		ck_assert_str_eq(str_text(&result.out), cases[i].out);
		ck_assert_str_eq(str_text(&result.err), cases[i].err);
		ck_assert_int_eq(result.exit_code, cases[i].exit_code);
		ck_assert_int_eq(result.signal, cases[i].signal);
	}
}
END_TEST

START_TEST(no_such_program)
{
	struct child_result result = {.exit_code = 77};

	ck_assert_int_eq(run((const char *[]){"/no/such", NULL}, 1000, &result), -ENOENT);
	ck_assert_int_eq(run((const char *[]){"no-such-program", NULL}, 1000, &result), -ENOENT);
	ck_assert_int_eq(run((const char *[]){"/etc/passwd", NULL}, 1000, &result), -EACCES);
	ck_assert_int_eq(result.exit_code, 77);
}
END_TEST

START_TEST(output_up_to_the_bound)
{
	_cleanup_(child_result_finish) struct child_result result = {};
	struct child_result none = {};

	ck_assert_int_eq(shell("head -c 65536 /dev/zero", 10000, &result), 0);
	ck_assert_uint_eq(result.out.len, 65536);
	ck_assert_int_eq(shell("head -c 65537 /dev/zero", 10000, &none), -EMSGSIZE);
	ck_assert_int_eq(shell("cat /dev/zero", 10000, &none), -EMSGSIZE);
	ck_assert_ptr_null(none.out.data);
}
END_TEST

START_TEST(a_flood_of_errors_is_dropped)
{
	_cleanup_(child_result_finish) struct child_result result = {};
	struct child_result none = {};

	ck_assert_int_eq(shell("head -c 3000000 /dev/zero >&2; echo x", 10000, &result), 0);
	ck_assert_uint_eq(result.err.len, 100);
	ck_assert_str_eq(str_text(&result.out), "x\n");
	ck_assert_int_eq(shell("cat /dev/zero >&2", 300, &none), -ETIMEDOUT);
}
END_TEST

/* The process whose number a script wrote into this file. */
static pid_t read_pid(const char *path)
{
	FILE *file = fopen(path, "r");
	int pid = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%d", &pid), 1);
	fclose(file);
	return pid;
}

/* Reparented, it is reaped by another process in its own time. */
static void check_is_gone(pid_t pid)
{
	char path[64], state = 'Z';

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 100; i++) {
		FILE *file = fopen(path, "r");

		if (!file)
			return;
		ck_assert_int_eq(fscanf(file, "%*d %*s %c", &state), 1);
		fclose(file);
		if (state == 'Z' || state == 'X')
			return;
		usleep(20000);
	}
	ck_abort_msg("%d is still there (%c)", (int)pid, state);
}

START_TEST(a_hang_is_killed_with_all_it_started)
{
	char path[] = "/tmp/test_child.XXXXXX", script[128];
	struct child_result result = {};
	int64_t start_ms = clock_mono_ms();

	close(mkstemp(path));
	snprintf(script, sizeof(script), "trap '' TERM; sleep 100 & echo $! >%s; wait; wait", path);
	ck_assert_int_eq(shell(script, 400, &result), -ETIMEDOUT);
	ck_assert_int_lt(clock_mono_ms() - start_ms, 5000);
	check_is_gone(read_pid(path));
	unlink(path);
}
END_TEST

START_TEST(what_stays_in_the_background_is_not_waited_for)
{
	_cleanup_(child_result_finish) struct child_result result = {};
	int64_t start_ms = clock_mono_ms();
	char *end;

	/* It holds both outputs open. */
	ck_assert_int_eq(shell("sleep 30 & echo $!", 20000, &result), 0);
	ck_assert_int_lt(clock_mono_ms() - start_ms, 5000);
	ck_assert_int_eq(result.exit_code, 0);
	ck_assert_int_eq(kill((pid_t)strtol(str_text(&result.out), &end, 10), SIGKILL), 0);
}
END_TEST

static void *stop_soon(void *arg)
{
	usleep(200000);
	stop_now(&stop);
	return NULL;
}

START_TEST(stop_ends_it)
{
	struct child_result result = {};
	int64_t start_ms = clock_mono_ms();
	pthread_t thread;

	ck_assert_int_eq(stop_init(&stop), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_soon, NULL), 0);
	ck_assert_int_eq(shell("sleep 30", 20000, &result), -ECANCELED);
	ck_assert_int_lt(clock_mono_ms() - start_ms, 5000);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(where_nobody_waits_for_children)
{
	_cleanup_(child_result_finish) struct child_result result = {};

	signal(SIGCHLD, SIG_IGN);
	ck_assert_int_eq(shell("echo hello; exit 3", 10000, &result), 0);
	ck_assert_str_eq(str_text(&result.out), "hello\n");
	ck_assert_int_eq(result.exit_code, 0);
}
END_TEST

static void *run_many(void *arg)
{
	for (int i = 0; i < 20; i++) {
		_cleanup_(child_result_finish) struct child_result result = {};
		struct child_command command = {
		    .words = (char *const *)(const char *[]){"echo", "x", NULL},
		    .deadline_ms = clock_mono_ms() + 20000,
		    .stop = &stop,
		    .max_out = 100};

		if (child_run(&command, &result) < 0 || strcmp(str_text(&result.out), "x\n") != 0)
			return &stop;
	}
	return NULL;
}

START_TEST(from_many_threads)
{
	pthread_t threads[4];
	void *failed;

	ck_assert_int_eq(stop_init(&stop), 0);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, run_many, NULL), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
}
END_TEST

UNIT(child, both_outputs_and_the_code, no_such_program, output_up_to_the_bound,
    a_flood_of_errors_is_dropped, a_hang_is_killed_with_all_it_started,
    what_stays_in_the_background_is_not_waited_for, stop_ends_it, where_nobody_waits_for_children,
    from_many_threads);
