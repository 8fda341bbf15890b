#include "page.h"

#include <string.h>

#include "page_embedded.h"

#define PAGE_FILE(path, type, array)             \
	{                                        \
		path, type, array, sizeof(array) \
	}

static const struct page_file files[] = {
    PAGE_FILE("/", "text/html; charset=utf-8", page_index_html),
    PAGE_FILE("/page.css", "text/css; charset=utf-8", page_page_css),
    PAGE_FILE("/page.js", "text/javascript; charset=utf-8", page_page_js),
    PAGE_FILE("/icon.svg", "image/svg+xml", page_icon_svg),
};

const struct page_file *page_find(const char *path)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (strcmp(path, files[i].path) == 0)
			return &files[i];
	return NULL;
}
