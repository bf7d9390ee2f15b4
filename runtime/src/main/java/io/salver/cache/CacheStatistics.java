package io.salver.cache;

/**
 * What the cache of a version came to so far. Every request that the cache saw is a hit, a miss or
 * coalesced.
 *
 * @param hits requests answered from the cache
 * @param misses requests that were run
 * @param coalesced requests that waited for the run of an equal one and were answered by it
 * @param evictions answers that were dropped for want of room
 * @param entries answers that are kept now
 * @param bytes what they take, with their keys
 * @param hitNs nanoseconds that hits took: looking up, and copying the answer
 * @param missNs nanoseconds that misses took beside their runs: looking up, and keeping the answer
 */
public record CacheStatistics(
    long hits,
    long misses,
    long coalesced,
    long evictions,
    long entries,
    long bytes,
    long hitNs,
    long missNs) {}
