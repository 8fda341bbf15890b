#include "registry_book.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "ecr_host.h"
#include "limits.h"
#include "log.h"

struct page {
	struct page *next;
	struct registry *registry;
	char *endpoint; /* "": none */
};

struct registry_book {
	const struct aws_settings *settings;
	struct identities *identities;
	pthread_mutex_t lock;
	struct page *pages;
	size_t len;
};

int registry_book_new(
    const struct aws_settings *settings, struct identities *identities, struct registry_book **ret)
{
	struct registry_book *book = calloc(1, sizeof(*book));

	if (!book)
		return -ENOMEM;
	book->settings = settings;
	book->identities = identities;
	pthread_mutex_init(&book->lock, NULL);
	*ret = book;
	return 0;
}

static void page_free(struct page *page)
{
	if (!page)
		return;
	registry_free(page->registry);
	free(page->endpoint);
	free(page);
}
DEFINE_CLEANUP(struct page *, page_free);

void registry_book_free(struct registry_book *book)
{
	if (!book)
		return;
	while (book->pages) {
		struct page *page = book->pages;

		book->pages = page->next;
		page_free(page);
	}
	pthread_mutex_destroy(&book->lock);
	free(book);
}

static bool is_page(
    const struct page *page, const struct registry_choice *choice, const struct aws_api *api)
{
	const char *endpoint = choice->endpoint ? choice->endpoint : "";

	return page->registry->api == api && strcmp(page->registry->host, choice->host) == 0 &&
	       strcmp(page->endpoint, endpoint) == 0;
}

/* Under the lock. */
static int add_page(struct registry_book *book, const struct registry_choice *choice,
    struct aws_api *api, struct registry **ret, struct err *e)
{
	_cleanup_(page_freep) struct page *page = NULL;
	int r;

	page = calloc(1, sizeof(*page));
	if (!page)
		return err_set(e, -ENOMEM, "out of memory");
	page->endpoint = strdup(choice->endpoint ? choice->endpoint : "");
	if (!page->endpoint)
		return err_set(e, -ENOMEM, "out of memory");
	r = registry_new(choice->host, choice->endpoint, book->settings, &page->registry, e);
	if (r < 0)
		return r;
	page->registry->api = api;
	page->next = book->pages;
	*ret = page->registry;
	book->pages = TAKE_PTR(page);
	book->len++;
	return 0;
}

static int get(struct registry_book *book, const struct registry_choice *choice, size_t max_len,
    struct registry **ret, struct err *e)
{
	struct identity_choice identity = {
	    .profile = choice->profile,
	    .role_arn = choice->role_arn,
	    .external_id = choice->external_id,
	};
	struct ecr_host parsed;
	struct aws_api *api;
	struct page *page;
	int r;

	if (ecr_host_parse(choice->host, &parsed) == 0)
		identity.region = parsed.region;
	r = identities_get(book->identities, &identity, &api);
	if (r < 0)
		return err_set(e, r, "out of memory");
	pthread_mutex_lock(&book->lock);
	page = book->pages;
	while (page && !is_page(page, choice, api))
		page = page->next;
	if (page)
		*ret = page->registry;
	else if (book->len >= max_len)
		r = err_set(
		    e, -ENOSPC, "%zu registries are served: restart to forget some", book->len);
	else
		r = add_page(book, choice, api, ret, e);
	pthread_mutex_unlock(&book->lock);
	return r;
}

int registry_book_get(struct registry_book *book, const struct registry_choice *choice,
    struct registry **ret, struct err *e)
{
	return get(book, choice, SIZE_MAX, ret, e);
}

const struct registry *registry_book_other(void *book, const char *host, size_t host_len)
{
	_cleanup_(freep) char *name = str_copy(host, host_len);
	const struct registry_choice choice = {.host = name};
	struct registry *registry = NULL;
	struct ecr_host parsed;
	struct err e = {};

	if (!name || strlen(name) != host_len || ecr_host_parse(name, &parsed) < 0)
		return NULL;
	if (get(book, &choice, LIMIT_REGISTRIES, &registry, &e) < 0)
		log_warn("%s is not served: %s", name, e.text);
	return registry;
}
