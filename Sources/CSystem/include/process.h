// Functions about processes and errors that the Glibc module lacks.
#ifndef SHOPMETER_PROCESS_H
#define SHOPMETER_PROCESS_H
#include <spawn.h>
#include <stddef.h>

// Closes the files from `first` on in the child, so that the embedded mongod inherits no socket (glibc 2.34). Returns 0 or an errno.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
static inline int shopmeter_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// Under _GNU_SOURCE in <string.h> (glibc 2.32). Its text is a constant, which that of strerror is not; null for an unknown number.
extern const char *strerrordesc_np(int number);

// The text of an `errno`; a constant, never null.
static inline const char *shopmeter_error_text(int number) {
    const char *text = strerrordesc_np(number);
    return text != NULL ? text : "unknown error";
}
#endif
