// The functions of libcrypto that Crypto uses. Lengths are checked here, and each result is 1 for success and 0 for failure.
#ifndef SHOPMETER_CRYPTO_H
#define SHOPMETER_CRYPTO_H
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define SHOPMETER_SHA256_LENGTH 32

// The digest of `bytes`. EVP_sha256 is called here, so that Swift holds no EVP_MD pointer.
static inline int shopmeter_sha256(const unsigned char *bytes, size_t count, unsigned char digest[SHOPMETER_SHA256_LENGTH]) {
    unsigned int length = 0;
    return EVP_Digest(bytes, count, digest, &length, EVP_sha256(), NULL) == 1 && length == SHOPMETER_SHA256_LENGTH;
}

// Begins the digest of bytes that are added in pieces. Returns an EVP_MD_CTX, which shopmeter_sha256_end frees, or null without memory.
static inline void *shopmeter_sha256_begin(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1) return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

static inline int shopmeter_sha256_add(void *context, const unsigned char *bytes, size_t count) {
    return EVP_DigestUpdate((EVP_MD_CTX *)context, bytes, count) == 1;
}

static inline int shopmeter_sha256_digest(void *context, unsigned char digest[SHOPMETER_SHA256_LENGTH]) {
    unsigned int length = 0;
    return EVP_DigestFinal_ex((EVP_MD_CTX *)context, digest, &length) == 1 && length == SHOPMETER_SHA256_LENGTH;
}

static inline void shopmeter_sha256_end(void *context) { EVP_MD_CTX_free((EVP_MD_CTX *)context); }

// The tag of `bytes`. HMAC() takes the key's length as an int, and null for "the key of the last call", so an empty key gets an address.
static inline int shopmeter_hmac_sha256(const unsigned char *key, size_t key_count, const unsigned char *bytes, size_t count,
                                        unsigned char tag[SHOPMETER_SHA256_LENGTH]) {
    static const unsigned char nothing = 0;
    unsigned int length = 0;
    if (key_count > INT_MAX) return 0;
    if (key == NULL) key = &nothing;
    if (bytes == NULL) bytes = &nothing;
    return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, tag, &length) != NULL && length == SHOPMETER_SHA256_LENGTH;
}

// Fills `bytes` with random ones. RAND_bytes takes its length as an int.
static inline int shopmeter_random(unsigned char *bytes, size_t count) {
    return count <= INT_MAX && RAND_bytes(bytes, (int)count) == 1;
}

// 1 when both are equal. The time of CRYPTO_memcmp depends on the length alone.
static inline int shopmeter_equal(const unsigned char *left, const unsigned char *right, size_t count) {
    return count == 0 || CRYPTO_memcmp(left, right, count) == 0;
}
#endif
