#include "profile_files.h"

#include <errno.h>
#include <string.h>

#include "aws_path.h"
#include "file.h"
#include "file_stamps.h"
#include "ini.h"
#include "shell_words.h"
#include "str.h"

/* Far beyond any that a person keeps. */
enum { PROFILE_FILE_MAX = 1024 * 1024 };

struct entry {
	char *key;
	char *value; /* never empty: a key without value counts as absent */
};

struct section {
	const char *kind;
	char *name;
	struct entry *entries;
	size_t len;
};

struct profile_files {
	struct parsed {
		char *path; /* NULL without a home directory */
		struct section *sections;
		size_t len;
	} files[PROFILE_FILES];
};

/* One file being read. */
struct reading {
	enum profile_file file;
	struct parsed *into;
	struct section *current; /* NULL: of no kind that we know */
};

/* The section in which Python's configparser looks for what another one lacks. */
static const char fallback[] = "DEFAULT";

static const char *const default_paths[] = {"~/.aws/config", "~/.aws/credentials"};

const char *profile_files_path(const struct profile_files *files, enum profile_file file)
{
	return files->files[file].path ? files->files[file].path : default_paths[file];
}

/* The second of two words, else NULL: `profile "x y"` is one of that name, `profile x y` is none.
 */
static int read_name(const char *head, char **ret_name)
{
	_cleanup_(shell_words_freep) char **words = NULL;
	int r;

	*ret_name = NULL;
	r = shell_words_split(head, &words, NULL);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || !words[0] || !words[1] || words[2])
		return 0;
	*ret_name = strdup(words[1]);
	return *ret_name ? 0 : -ENOMEM;
}

/* The section's name, NULL for one of no kind that we know. 0 or −ENOMEM. */
static int read_head(
    enum profile_file file, const char *head, const char **ret_kind, char **ret_name)
{
	static const char *const kinds[] = {"profile", "sso-session", "services"};

	*ret_kind = strcmp(head, fallback) ? kinds[0] : fallback;
	if (*ret_kind == fallback || file == PROFILE_CREDENTIALS_FILE || !strcmp(head, "default")) {
		*ret_name = strdup(head);
		return *ret_name ? 0 : -ENOMEM;
	}
	/* What the head begins with decides: botocore takes `profiles x` for a profile too. */
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strncmp(head, kinds[i], strlen(kinds[i])) != 0)
			continue;
		*ret_kind = kinds[i];
		return read_name(head, ret_name);
	}
	*ret_name = NULL;
	return 0;
}

static void empty(struct section *section)
{
	for (size_t i = 0; i < section->len; i++) {
		free(section->entries[i].key);
		secret_free(section->entries[i].value);
	}
	section->len = 0;
}

static struct section *find_section(const struct parsed *file, const char *kind, const char *name)
{
	for (size_t i = 0; i < file->len; i++)
		if (!strcmp(file->sections[i].kind, kind) && !strcmp(file->sections[i].name, name))
			return &file->sections[i];
	return NULL;
}

static int begin_section(struct reading *reading, const char *head)
{
	struct parsed *into = reading->into;
	_cleanup_(freep) char *name = NULL;
	struct section *sections;
	const char *kind;
	int r;

	r = read_head(reading->file, head, &kind, &name);
	reading->current = name ? find_section(into, kind, name) : NULL;
	if (r < 0 || !name)
		return r;
	/* Another head for the same name, as `default` and `profile default`: the last one counts.
	 */
	if (reading->current) {
		empty(reading->current);
		return 0;
	}
	sections = reallocarray(into->sections, into->len + 1, sizeof(*sections));
	if (!sections)
		return -ENOMEM;
	into->sections = sections;
	reading->current = &sections[into->len++];
	*reading->current = (struct section){.kind = kind, .name = TAKE_PTR(name)};
	return 0;
}

static int add_entry(struct section *section, const char *key, const char *value)
{
	struct entry *entries = reallocarray(section->entries, section->len + 1, sizeof(*entries));
	struct entry entry;

	if (!entries)
		return -ENOMEM;
	section->entries = entries;
	entry = (struct entry){.key = strdup(key), .value = strdup(value)};
	if (!entry.key || !entry.value) {
		free(entry.key);
		secret_free(entry.value);
		return -ENOMEM;
	}
	entries[section->len++] = entry;
	return 0;
}

static int on_entry(void *userdata, const char *section, const char *key, const char *value)
{
	struct reading *reading = userdata;

	if (!key)
		return begin_section(reading, section);
	return reading->current && *value ? add_entry(reading->current, key, value) : 0;
}

static int find_path(
    const struct credential_sources *sources, const char *name, const char *otherwise, char **ret)
{
	const char *path = credential_variable(sources, name);
	int r = aws_path_expand(sources, path ? path : otherwise, ret);

	return r == -ENOENT ? 0 : r;
}

/* 0 also without the file: AWS_CONFIG_FILE=/dev/null is a usual way to have none. */
static int read_one(const struct credential_sources *sources, enum profile_file file,
    struct parsed *into, struct err *e)
{
	struct reading reading = {.file = file, .into = into};
	_cleanup_str_ struct str text = {};
	struct err inner = {};
	int r;

	if (!into->path)
		return 0;
	if (sources->seen && file_stamps_add(sources->seen, into->path) < 0)
		return -ENOMEM;
	r = file_read(into->path, PROFILE_FILE_MAX, &text);
	if (r == -ENOENT || r == -ENOTDIR || r == -EISDIR || r == -ENODEV)
		return 0;
	if (r < 0)
		return err_set(e, r, "cannot read %s: %s", into->path, strerror(-r));
	r = ini_parse(str_text(&text), text.len, on_entry, &reading, &inner);
	return r == -EBADMSG ? err_set(e, r, "%s: %s", into->path, inner.text) : r;
}

int profile_files_read(
    const struct credential_sources *sources, struct profile_files **ret, struct err *e)
{
	static const char *const variables[] = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"};
	_cleanup_(profile_files_freep) struct profile_files *files = calloc(1, sizeof(*files));
	int r = files ? 0 : -ENOMEM;

	for (int i = 0; i < PROFILE_FILES && r >= 0; i++)
		r = find_path(sources, variables[i], default_paths[i], &files->files[i].path);
	for (int i = 0; i < PROFILE_FILES && r >= 0; i++)
		r = read_one(sources, i, &files->files[i], e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(files);
	return 0;
}

void profile_files_free(struct profile_files *files)
{
	if (!files)
		return;
	for (size_t i = 0; i < PROFILE_FILES; i++) {
		for (size_t j = 0; j < files->files[i].len; j++) {
			empty(&files->files[i].sections[j]);
			free(files->files[i].sections[j].entries);
			free(files->files[i].sections[j].name);
		}
		free(files->files[i].sections);
		free(files->files[i].path);
	}
	free(files);
}

bool profile_files_has(
    const struct profile_files *files, enum profile_file file, const char *kind, const char *name)
{
	return find_section(&files->files[file], kind, name) != NULL;
}

static const char *get(const struct section *section, const char *key)
{
	/* Of a repeated nested key the last one counts. */
	for (size_t i = section ? section->len : 0; i > 0; i--)
		if (!strcmp(section->entries[i - 1].key, key))
			return section->entries[i - 1].value;
	return NULL;
}

const char *profile_files_get(const struct profile_files *files, enum profile_file file,
    const char *kind, const char *name, const char *key)
{
	const struct section *section = find_section(&files->files[file], kind, name);
	const char *value = get(section, key);

	return value || !section ? value
				 : get(find_section(&files->files[file], fallback, fallback), key);
}
