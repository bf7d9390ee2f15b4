/**
 * The stages between decode and run.
 *
 * <p>Public face: {@code Spine} puts them in order; {@code RunnerConfig} sets their bounds; {@code
 * ModelRunner.factory} makes each version's own. {@code BatchingOptions} and {@code BatchPolicy}
 * say how requests are put together, {@code RunStatistics} what came of it; {@code BatchProbe}
 * finds out whether they may be.
 */
@NullMarked
package io.salver.batching;

import org.jspecify.annotations.NullMarked;
