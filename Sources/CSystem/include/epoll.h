// epoll, eventfd and accept4, which the Glibc module lacks.
#ifndef SHOPMETER_EPOLL_H
#define SHOPMETER_EPOLL_H
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum { SHOPMETER_EVENTS = 256 };

// `struct epoll_event` is packed and holds a union; Swift gets a plain one.
struct shopmeter_event {
    uint64_t token;
    uint32_t events;
};

static inline int shopmeter_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int shopmeter_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

// `ready` has room for SHOPMETER_EVENTS.
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

// Behind _GNU_SOURCE in <sys/socket.h>, which would change fd_set against the Glibc module's.
extern int accept4(int socket, struct sockaddr *restrict address, socklen_t *restrict length, int flags);

static inline int shopmeter_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }
#endif
