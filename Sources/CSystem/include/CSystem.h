// C functions that Swift cannot call by itself: README.md says which, and why.
#ifndef SHOPMETER_CSYSTEM_H
#define SHOPMETER_CSYSTEM_H
// No feature macro, such as _GNU_SOURCE: it would change fd_set, which the Glibc module defines too.
#include "crypto.h"
#include "epoll.h"
#include "inflate.h"
#include "process.h"
#include "tls.h"
#endif
