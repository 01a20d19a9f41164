/* What the database does alone, through libmongoc, with the documents that ShopMeter stored:
 *   bare URI DATABASE insert SECONDS            one client, one durable insert after another
 *   bare URI DATABASE batches SECONDS THREADS   transactions of 500 inserts
 *   bare URI DATABASE scan                      a cursor over usage_events that drops what it reads
 * Prints one line of JSON. The inserts go to a collection of their own, bench_bare_events, which is dropped afterwards. */
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 500
#define SAMPLES 2000000

static mongoc_client_pool_t *pool;
static const char *database;
static double deadline;
static bson_t *documents[BATCH];
static size_t document_count;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const bson_error_t *error) {
    fprintf(stderr, "bare: %s\n", error->message);
    exit(1);
}

/* Reads documents to insert copies of: the real ones, without their ids. */
static void load(mongoc_client_t *client) {
    mongoc_collection_t *events = mongoc_client_get_collection(client, database, "usage_events");
    bson_t filter = BSON_INITIALIZER, *options = BCON_NEW("limit", BCON_INT64(BATCH));
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(events, &filter, options, NULL);
    const bson_t *document;
    bson_error_t error;
    while (mongoc_cursor_next(cursor, &document)) {
        bson_t *copy = bson_new();
        bson_copy_to_excluding_noinit(document, copy, "_id", NULL);
        documents[document_count++] = copy;
    }
    if (mongoc_cursor_error(cursor, &error)) fail(&error);
    if (document_count < BATCH) {
        fprintf(stderr, "bare: usage_events has fewer than %d events to copy\n", BATCH);
        exit(1);
    }
    mongoc_cursor_destroy(cursor);
    bson_destroy(options);
    mongoc_collection_destroy(events);
}

/* A copy with an id of the same form as the original's. */
static bson_t *fresh(unsigned thread, unsigned long number) {
    char event[64];
    snprintf(event, sizeof event, "%lx-%u-%lu", (unsigned long)(deadline * 1000), thread, number);
    bson_t *document = bson_new(), id;
    bson_append_document_begin(document, "_id", 3, &id);
    BSON_APPEND_UTF8(&id, "shop_id", "bench");
    BSON_APPEND_UTF8(&id, "user_id", "user12345");
    BSON_APPEND_UTF8(&id, "event_id", event);
    bson_append_document_end(document, &id);
    bson_concat(document, documents[number % document_count]);
    return document;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void insert(mongoc_client_t *client) {
    mongoc_collection_t *collection = mongoc_client_get_collection(client, database, "bench_bare_events");
    double *latencies = malloc(SAMPLES * sizeof *latencies), begun = now();
    unsigned long count = 0;
    bson_error_t error;
    while (now() < deadline && count < SAMPLES) {
        bson_t *document = fresh(0, count);
        double before = now();
        if (!mongoc_collection_insert_one(collection, document, NULL, NULL, &error)) fail(&error);
        latencies[count++] = (now() - before) * 1000;
        bson_destroy(document);
    }
    double seconds = now() - begun;
    qsort(latencies, count, sizeof *latencies, ascending);
    printf("{\"requests\":%lu,\"seconds\":%f,\"p50\":%.3f,\"p99\":%.3f}\n", count, seconds, latencies[count / 2],
           latencies[count * 99 / 100]);
    mongoc_collection_drop(collection, NULL);
    mongoc_collection_destroy(collection);
}

static void *transactions(void *argument) {
    unsigned thread = (unsigned)(size_t)argument;
    mongoc_client_t *client = mongoc_client_pool_pop(pool);
    mongoc_collection_t *collection = mongoc_client_get_collection(client, database, "bench_bare_events");
    bson_error_t error;
    mongoc_client_session_t *session = mongoc_client_start_session(client, NULL, &error);
    if (!session) fail(&error);
    bson_t options = BSON_INITIALIZER, reply;
    if (!mongoc_client_session_append(session, &options, &error)) fail(&error);
    unsigned long count = 0;
    while (now() < deadline) {
        const bson_t *batch[BATCH];
        for (int index = 0; index < BATCH; index++) batch[index] = fresh(thread, count++);
        if (!mongoc_client_session_start_transaction(session, NULL, &error)) fail(&error);
        if (!mongoc_collection_insert_many(collection, batch, BATCH, &options, NULL, &error)) fail(&error);
        if (!mongoc_client_session_commit_transaction(session, &reply, &error)) fail(&error);
        bson_destroy(&reply);
        for (int index = 0; index < BATCH; index++) bson_destroy((bson_t *)batch[index]);
    }
    bson_destroy(&options);
    mongoc_client_session_destroy(session);
    mongoc_collection_destroy(collection);
    mongoc_client_pool_push(pool, client);
    return (void *)count;
}

static void batches(mongoc_client_t *client, unsigned threads) {
    mongoc_collection_t *collection = mongoc_client_get_collection(client, database, "bench_bare_events");
    bson_t first = BSON_INITIALIZER;
    bson_error_t error;
    if (!mongoc_collection_insert_one(collection, &first, NULL, NULL, &error)) fail(&error); /* so that it is there */
    pthread_t ids[64];
    unsigned long sum = 0;
    double begun = now();
    for (size_t thread = 0; thread < threads; thread++) pthread_create(&ids[thread], NULL, transactions, (void *)thread);
    for (size_t thread = 0; thread < threads; thread++) {
        void *count;
        pthread_join(ids[thread], &count);
        sum += (unsigned long)count;
    }
    printf("{\"requests\":%lu,\"seconds\":%f}\n", sum, now() - begun);
    mongoc_collection_drop(collection, NULL);
    mongoc_collection_destroy(collection);
}

static void scan(mongoc_client_t *client) {
    mongoc_collection_t *events = mongoc_client_get_collection(client, database, "usage_events");
    bson_t filter = BSON_INITIALIZER;
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(events, &filter, NULL, NULL);
    const bson_t *document;
    bson_error_t error;
    unsigned long count = 0;
    double begun = now();
    while (mongoc_cursor_next(cursor, &document)) count++;
    if (mongoc_cursor_error(cursor, &error)) fail(&error);
    printf("{\"requests\":%lu,\"seconds\":%f}\n", count, now() - begun);
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(events);
}

int main(int count, char **arguments) {
    if (count < 4) return 2;
    mongoc_init();
    bson_error_t error;
    mongoc_uri_t *uri = mongoc_uri_new_with_error(arguments[1], &error);
    if (!uri) fail(&error);
    pool = mongoc_client_pool_new(uri);
    database = arguments[2];
    deadline = now() + (count > 4 ? atof(arguments[4]) : 0);
    unsigned threads = count > 5 ? (unsigned)atoi(arguments[5]) : 1;
    mongoc_client_t *client = mongoc_client_pool_pop(pool);
    if (strcmp(arguments[3], "scan") != 0) load(client);
    if (strcmp(arguments[3], "insert") == 0) insert(client);
    else if (strcmp(arguments[3], "batches") == 0) batches(client, threads < 64 ? threads : 64);
    else scan(client);
    mongoc_client_pool_push(pool, client);
    mongoc_client_pool_destroy(pool);
    mongoc_uri_destroy(uri);
    mongoc_cleanup();
    return 0;
}
