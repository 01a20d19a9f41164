// The client's side of TLS, by libssl: contexts and connections are opaque here, and its macros become functions.
#ifndef SHOPMETER_TLS_H
#define SHOPMETER_TLS_H
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stddef.h>

// A context for connections to servers: TLS 1.2 or later, certificates verified by the system's authorities. shopmeter_tls_context_free frees it; null
// on failure. SSL_CTX_set_min_proto_version and SSL_CTX_set_mode are macros.
static inline void *shopmeter_tls_context(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) return NULL;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 && SSL_CTX_set_default_verify_paths(context) == 1) return context;
    SSL_CTX_free(context);
    return NULL;
}

static inline void shopmeter_tls_context_free(void *context) { SSL_CTX_free((SSL_CTX *)context); }

// A connection on a socket that is not blocking, whose certificate must be for `host`: a name, or with `is_address` the text of an IP address.
// shopmeter_tls_close frees it, and leaves the socket open; null on failure.
static inline void *shopmeter_tls_open(void *context, int file, const char *host, int is_address) {
    SSL *tls = SSL_new((SSL_CTX *)context);
    if (tls == NULL) return NULL;
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    int named = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host)
                           : SSL_set1_host(tls, host) == 1 && SSL_set_tlsext_host_name(tls, host) == 1;
    if (named == 1 && SSL_set_fd(tls, file) == 1) return tls;
    SSL_free(tls);
    return NULL;
}

static inline void shopmeter_tls_close(void *tls) { SSL_free((SSL *)tls); }

enum { SHOPMETER_TLS_WANTS_READ = -1, SHOPMETER_TLS_WANTS_WRITE = -2, SHOPMETER_TLS_FAILED = -3, SHOPMETER_TLS_ENDED = 0 };

static inline int shopmeter_tls_result(void *tls, int result) {
    if (result > 0) return result;
    switch (SSL_get_error((SSL *)tls, result)) {
        case SSL_ERROR_WANT_READ: return SHOPMETER_TLS_WANTS_READ;
        case SSL_ERROR_WANT_WRITE: return SHOPMETER_TLS_WANTS_WRITE;
        case SSL_ERROR_ZERO_RETURN: return SHOPMETER_TLS_ENDED;
        default: return SHOPMETER_TLS_FAILED;
    }
}

// Each returns a count above 0, or one of the codes above. The queue of errors is the thread's, and is emptied before.
static inline int shopmeter_tls_connect(void *tls) {
    ERR_clear_error();
    return shopmeter_tls_result(tls, SSL_connect((SSL *)tls));
}

static inline int shopmeter_tls_read(void *tls, unsigned char *bytes, int count) {
    ERR_clear_error();
    return shopmeter_tls_result(tls, SSL_read((SSL *)tls, bytes, count));
}

static inline int shopmeter_tls_write(void *tls, const unsigned char *bytes, int count) {
    ERR_clear_error();
    return shopmeter_tls_result(tls, SSL_write((SSL *)tls, bytes, count));
}

// Why the handshake failed: a static text of the certificate's error, else of the thread's last error.
static inline const char *shopmeter_tls_reason(void *tls) {
    long verified = SSL_get_verify_result((SSL *)tls);
    if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason == NULL ? "the connection broke" : reason;
}
#endif
