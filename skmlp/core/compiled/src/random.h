/* SFC64, the generator of NumPy's SFC64, with the same numbers from the same state.
 *
 * Doty-Humphrey, PractRand, http://pracrand.sourceforge.net
 */
#ifndef RANDOM_H
#define RANDOM_H
#include <stdint.h>

static inline uint64_t next_random(uint64_t state[4])
{
    uint64_t out = state[0] + state[1] + state[3]++;
    state[0] = state[1] ^ (state[1] >> 11);
    state[1] = state[2] + (state[2] << 3);
    state[2] = ((state[2] << 24) | (state[2] >> 40)) + out;
    return out;
}
#endif
