// epoll, eventfd, accept4 and an ioctl, which the Glibc module lacks.
#ifndef SHOPMETER_EPOLL_H
#define SHOPMETER_EPOLL_H
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { SHOPMETER_EVENTS = 256 };

// `struct epoll_event` is packed and contains a union, which Swift cannot import; this struct has the same two fields.
struct shopmeter_event {
    uint64_t token;
    uint32_t events;
};

// Each function returns -1 and sets errno on failure, as the one behind it does.
static inline int shopmeter_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int shopmeter_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

// Waits at most `milliseconds`, or without end for -1, and returns the number of events. `ready` must have room for SHOPMETER_EVENTS.
static inline int shopmeter_epoll_wait(int epoll, struct shopmeter_event *ready, int milliseconds) {
    struct epoll_event events[SHOPMETER_EVENTS];
    int count = epoll_wait(epoll, events, SHOPMETER_EVENTS, milliseconds);
    for (int i = 0; i < count; i++) {
        ready[i].token = events[i].data.u64;
        ready[i].events = events[i].events;
    }
    return count;
}

static inline int shopmeter_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// <sys/socket.h> declares it under _GNU_SOURCE only, which would change fd_set, which the Glibc module defines too.
extern int accept4(int socket, struct sockaddr *restrict address, socklen_t *restrict length, int flags);

// Accepts a connection, and writes its peer's address.
static inline int shopmeter_accept(int listener, struct sockaddr_storage *address) {
    socklen_t length = sizeof *address;
    return accept4(listener, (struct sockaddr *)address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// Bytes that were sent and that the peer has not acknowledged (tcp(7), SIOCOUTQ). ioctl is variadic.
static inline int shopmeter_unacknowledged(int socket) {
    int bytes = 0;
    return ioctl(socket, TIOCOUTQ, &bytes) < 0 ? -1 : bytes;
}
#endif
