#include "digest/random.h"

#include <limits.h>
#include <openssl/rand.h>

bool random_octets(uint8_t *out, size_t size)
{
    return size <= INT_MAX && RAND_bytes(out, (int)size) == 1;
}
