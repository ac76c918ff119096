#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast that Swift doesn't see: SQLite copies the bytes. */
static inline int vestibule_bind_text(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 length) {
    return sqlite3_bind_text64(statement, index, (const char *)bytes, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int vestibule_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 length) {
    return sqlite3_bind_blob64(statement, index, bytes, length, SQLITE_TRANSIENT);
}

/* sqlite3_db_config is variadic. */
static inline int vestibule_db_config(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}
