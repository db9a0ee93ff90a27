/* What the parts of the target file's loader share. Private to target/. */
#ifndef TARGET_TARGET_LOADER_H
#define TARGET_TARGET_LOADER_H

#include "target/target.h"
#include "yamldoc/node.h"

#define KEY_COUNT(keys) (sizeof(keys) / sizeof((keys)[0]))

/* All of these fill ERROR in when they return false. */
struct loader {
    struct target *target;
    const char *file;
    struct error *error;
};

/* MAP, called WHAT, is a map with no keys but KEYS. */
bool loader_check_keys(const struct loader *loader, const struct node *map, const char *what,
                       const char *const *keys, size_t count);
/* TEXT in the target's arena. */
const char *loader_keep(const struct loader *loader, const char *text);
/* Text of KEY kept in the target; a key that is left out changes nothing. */
bool loader_keep_text(const struct loader *loader, const struct node *map, const char *key,
                      const char **ret_text);
/* The same of a path, which is relative to the folder of the file that names it. */
bool loader_keep_path(const struct loader *loader, const struct node *map, const char *key,
                      const char **ret_path);
bool loader_choose(const struct loader *loader, const struct node *map, const char *key,
                   const char *const *names, size_t count, size_t *ret_index);

/* The key `provision` of ROOT; the accounts are read already. In target_provision.c. */
bool loader_read_provision(const struct loader *loader, const struct node *root);

#endif
