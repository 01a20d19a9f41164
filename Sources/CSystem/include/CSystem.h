// What the Glibc module lacks: epoll, eventfd, accept4; and the part of libcrypto that Crypto uses.
#ifndef SHOPMETER_CSYSTEM_H
#define SHOPMETER_CSYSTEM_H
#define _GNU_SOURCE
#include "crypto.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#endif
