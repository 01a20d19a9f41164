// Inflating gzip with zlib, whose z_stream Swift cannot keep, as it must not move.
#ifndef SHOPMETER_INFLATE_H
#define SHOPMETER_INFLATE_H
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

// Begins to inflate a gzip file. Returns a z_stream, which shopmeter_inflate_end frees, or null without memory.
static inline void *shopmeter_inflate_begin(void) {
    z_stream *stream = (z_stream *)calloc(1, sizeof(z_stream));
    // 16 above the window: a gzip header, and its checksum, which is compared at the end.
    if (stream != NULL && inflateInit2(stream, 15 + 16) == Z_OK) return stream;
    free(stream);
    return NULL;
}

// Inflates from `in` to `out`, and sets the counts to what was taken and what was made. Returns 0 for more, 1 at the end of a member, after which the
// next one may follow, and -1 for bytes that are no gzip.
static inline int shopmeter_inflate(void *context, const unsigned char *in, size_t *in_count, unsigned char *out, size_t *out_count) {
    z_stream *stream = (z_stream *)context;
    if (*in_count > UINT_MAX || *out_count > UINT_MAX) return -1;
    stream->next_in = (unsigned char *)in;
    stream->avail_in = (unsigned int)*in_count;
    stream->next_out = out;
    stream->avail_out = (unsigned int)*out_count;
    int code = inflate(stream, Z_NO_FLUSH);
    *in_count -= stream->avail_in;
    *out_count -= stream->avail_out;
    if (code == Z_STREAM_END) return inflateReset(stream) == Z_OK ? 1 : -1;
    return code == Z_OK || code == Z_BUF_ERROR ? 0 : -1;
}

static inline void shopmeter_inflate_end(void *context) {
    inflateEnd((z_stream *)context);
    free(context);
}
#endif
