#pragma once

#include <mongoc/mongoc.h>
#include <stdalign.h>

// Swift doesn't import over-aligned structs, so bson_t is opaque there: what it must know of one is told here.

static inline size_t vestibule_bson_size(void) { return sizeof(bson_t); }
static inline size_t vestibule_bson_alignment(void) { return alignof(bson_t); }
static inline size_t vestibule_bson_length(const bson_t *bson) { return bson->len; }
