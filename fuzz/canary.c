/*
 * The target that must crash: it shows that the alarm rings. Its oracle fails on one input, "!", and its second mistake,
 * on two octets "!!", is one for AddressSanitizer; neither is found where a build has lost its checks.
 */
#include "check.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 2 && data[0] == '!' && data[1] == '!') {
        uint8_t *place = malloc(2);
        volatile size_t behind = size; /* volatile: a compiler that knew it would refuse the mistake */

        if (place != NULL)
            ((volatile uint8_t *)place)[behind] = 1;
        free(place);
        return 0;
    }
    FUZZ_CHECK(size != 1 || data[0] != '!', "canary");
    return 0;
}
