#include <libpq-fe.h>

/* Character macros aren't visible in Swift. */
static const int vestibule_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int vestibule_diag_message = PG_DIAG_MESSAGE_PRIMARY;
static const int vestibule_diag_constraint = PG_DIAG_CONSTRAINT_NAME;
