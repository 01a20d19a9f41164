// What the Glibc module lacks for processes and their errors.
#ifndef SHOPMETER_PROCESS_H
#define SHOPMETER_PROCESS_H
#include <spawn.h>
#include <stddef.h>

// The embedded mongod must not inherit our sockets; glibc (2.34) hides this function from Swift's Glibc module.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
static inline int shopmeter_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// Behind _GNU_SOURCE in <string.h> (glibc 2.32). Unlike strerror's, its text is constant; null for an unknown number.
extern const char *strerrordesc_np(int number);

// What an `errno` means, in a few words.
static inline const char *shopmeter_error_text(int number) {
    const char *text = strerrordesc_np(number);
    return text != NULL ? text : "unknown error";
}
#endif
