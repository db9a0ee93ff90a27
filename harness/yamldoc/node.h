/*
 * Reading nodes: typed access to the values of a document, with errors that name the place, what was expected, and
 * what was probably meant. WHAT is how the reader calls the thing: "title".
 */
#ifndef YAMLDOC_NODE_H
#define YAMLDOC_NODE_H

#include "yamldoc/document.h"

/* The value of KEY; NULL when MAP is NULL, not a map, or has no such key. */
const struct node *map_get(const struct node *map, const char *key);
/* The key itself, for its place. */
const struct node *map_key(const struct node *map, const char *key);

/*
 * Steps through the keys of MAP that are not among the COUNT names KEYS: true for each, with ERROR filled in ("unknown
 * key", and the nearest known one). *cursor begins as NULL.
 */
bool map_next_unknown(const struct node *map, const char *const *keys, size_t count,
                      const struct node **cursor, struct error *error);

/* False with ERROR unless NODE is of KIND. NODE must not be NULL. */
bool node_expect(const struct node *node, enum node_kind kind, const char *what, struct error *error);
/* The value of KEY, which must be there. */
bool map_require(const struct node *map, const char *key, struct error *error, const struct node **ret_value);

/* Text of at least one octet without NUL, as a C string in the document. */
bool node_text(const struct node *node, const char *what, struct error *error, const char **ret_text);
bool map_text(const struct node *map, const char *key, struct error *error, const char **ret_text);
/* The same for a key that may be left out: *ret_text is then left alone. */
bool map_optional_text(const struct node *map, const char *key, struct error *error, const char **ret_text);
/* true or false. */
bool node_bool(const struct node *node, const char *what, struct error *error, bool *ret_value);
/* A decimal number from MIN to MAX. */
bool node_number(const struct node *node, const char *what, uint64_t min, uint64_t max, struct error *error,
                 uint64_t *ret_number);
/* One of COUNT names; its index. */
bool node_choice(const struct node *node, const char *what, const char *const *names, size_t count,
                 struct error *error, size_t *ret_index);

/* [a-z0-9-], at least one octet: what every name in this project is made of. */
bool name_is_valid(struct bytes name);
/* A name of that form. */
bool node_name(const struct node *node, const char *what, struct error *error, const char **ret_name);

/* Adds "did you mean" to ERROR when one of NAMES is near to WORD; returns false. */
bool error_suggest(struct error *error, struct bytes word, const char *const *names, size_t count);

#endif
