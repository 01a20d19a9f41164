// libmongoc and libbson, and what of them Swift cannot import as it is: macros, variadics, over-aligned values on the stack.
#ifndef SHOPMETER_CMONGOC_H
#define SHOPMETER_CMONGOC_H
#include <mongoc/mongoc.h>
#endif
