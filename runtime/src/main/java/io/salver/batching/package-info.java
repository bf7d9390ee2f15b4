/**
 * The stages between decode and run.
 *
 * <p>Public face: {@code Spine} puts them in order; {@code AdmissionLimits} and {@code
 * RunnerConfig} set their bounds; {@code ModelRunner.Factory} makes each version's own.
 */
@NullMarked
package io.salver.batching;

import org.jspecify.annotations.NullMarked;
