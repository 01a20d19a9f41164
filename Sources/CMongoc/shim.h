// libmongoc and libbson, and what of them Swift cannot import as it is: macros, variadics, over-aligned values on the stack.
#ifndef SHOPMETER_CMONGOC_H
#define SHOPMETER_CMONGOC_H
#include <mongoc/mongoc.h>
#include <spawn.h>

// The child of EmbeddedServer must not inherit our sockets; glibc (2.34) hides this function from Swift's Glibc module.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
static inline int shopmeter_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
#endif
