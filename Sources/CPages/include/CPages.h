// The files of the pages for people, as they stand in `files`, compiled into the program: it needs no other file at run time.
#pragma once
#include <stddef.h>

struct page_file {
    const char *name;
    const unsigned char *bytes;
    size_t count;
};

extern const size_t page_file_count;

/// `index` is below `page_file_count`.
const struct page_file *page_file_at(size_t index);
