/**
 * Answers to requests that were answered before.
 *
 * <p>Public face: {@code PredictionCache.of} puts a cache in front of a version's last stages;
 * {@code CacheOptions} bounds it; {@code CacheStatistics} says what came of it.
 */
@NullMarked
package io.salver.cache;

import org.jspecify.annotations.NullMarked;
