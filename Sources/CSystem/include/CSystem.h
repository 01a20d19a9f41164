// What the Glibc module lacks: epoll, eventfd, accept4, spawning, error texts; and the part of libcrypto that Crypto uses.
#ifndef SHOPMETER_CSYSTEM_H
#define SHOPMETER_CSYSTEM_H
// No feature macro here: it would change fd_set, which the Glibc module defines too.
#include "crypto.h"
#include "epoll.h"
#include "process.h"
#endif
