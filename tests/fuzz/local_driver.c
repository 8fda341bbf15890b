/*
 * Stands in for libFuzzer: `target SEEDS…` (files or directories) runs each seed, then mutations of
 * them for FUZZ_SECONDS (2), from FUZZ_SEED (1) on. The input that fails is left in crash-PID.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

enum { INPUT_MAX = 4096, SEEDS_MAX = 4096, PATH_LEN = 4096 };

struct input {
	uint8_t *bytes;
	size_t len;
};

static struct input seeds[SEEDS_MAX];
static size_t seeds_len;
static struct input current;
static uint64_t state = 1;

/* xorshift64*: the same run from the same seed everywhere. */
static uint64_t random_below(uint64_t bound)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL >> 11) % bound;
}

static void leave_input(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "crash-%ld", (long)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0 && write(fd, current.bytes, current.len) == (ssize_t)current.len)
		fprintf(stderr, "the input is in %s\n", path);
}

static void on_signal(int signal_number)
{
	leave_input();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* The sanitizers end a process without a signal. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void run(const uint8_t *bytes, size_t len)
{
	current = (struct input){(uint8_t *)bytes, len};
	LLVMFuzzerTestOneInput(bytes, len);
}

static void read_seed(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct input seed = {.bytes = malloc(INPUT_MAX)};

	MUST(file && seed.bytes && seeds_len < SEEDS_MAX);
	seed.len = fread(seed.bytes, 1, INPUT_MAX, file);
	fclose(file);
	seeds[seeds_len++] = seed;
	run(seed.bytes, seed.len);
}

static void read_seeds(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	if (!folder) {
		read_seed(path);
		return;
	}
	while ((entry = readdir(folder))) {
		char name[PATH_LEN];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		read_seed(name);
	}
	closedir(folder);
}

static void insert(struct input *input, size_t at, const uint8_t *bytes, size_t len)
{
	if (len > INPUT_MAX - input->len)
		len = INPUT_MAX - input->len;
	memmove(input->bytes + at + len, input->bytes + at, input->len - at);
	memcpy(input->bytes + at, bytes, len);
	input->len += len;
}

static void insert_some(struct input *input)
{
	const struct input *other = &seeds[random_below(seeds_len)];
	size_t from = random_below(other->len + 1);
	size_t len = random_below(other->len - from + 1);

	insert(input, random_below(input->len + 1), other->bytes + from, len);
}

static void remove_some(struct input *input)
{
	size_t from = random_below(input->len + 1), len = random_below(input->len - from + 1);

	memmove(input->bytes + from, input->bytes + from + len, input->len - from - len);
	input->len -= len;
}

static void replace_one(struct input *input)
{
	static const uint8_t telling[] = "\0\t\r\n \"%&'+,-./019:;<=>?@AZ[\\]az{}\x7f\x80\xff";
	uint64_t kind = random_below(3);
	uint8_t *at;

	if (input->len == 0)
		return;
	at = &input->bytes[random_below(input->len)];
	if (kind == 0)
		*at ^= (uint8_t)(1 << random_below(8));
	else if (kind == 1)
		*at = (uint8_t)random_below(256);
	else
		*at = telling[random_below(sizeof(telling) - 1)];
}

static void mutate(struct input *input)
{
	for (uint64_t i = random_below(6) + 1; i > 0; i--) {
		uint64_t kind = random_below(8);

		if (kind == 0)
			remove_some(input);
		else if (kind < 3)
			insert_some(input);
		else
			replace_one(input);
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const char *time_limit = getenv("FUZZ_SECONDS"), *seed = getenv("FUZZ_SEED");
	double end = seconds() + (time_limit ? atof(time_limit) : 2);
	uint8_t *exact;
	size_t runs = 0;

	signal(SIGABRT, on_signal);
	signal(SIGSEGV, on_signal);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(leave_input);
	state = seed ? strtoull(seed, NULL, 10) | 1 : 1;
	for (int i = 1; i < argc; i++)
		read_seeds(argv[i]);
	MUST(seeds_len > 0);
	for (; seconds() < end; runs++) {
		uint8_t buffer[INPUT_MAX];
		const struct input *from = &seeds[random_below(seeds_len)];
		struct input input = {buffer, from->len};

		memcpy(buffer, from->bytes, from->len);
		mutate(&input);
		/* On the heap and of its own size, so that reading beyond its end is seen. */
		exact = malloc(input.len + !input.len);
		MUST(exact);
		memcpy(exact, buffer, input.len);
		run(exact, input.len);
		free(exact);
	}
	printf("%zu seeds, %zu mutations\n", seeds_len, runs);
	for (size_t i = 0; i < seeds_len; i++)
		free(seeds[i].bytes);
	return 0;
}
