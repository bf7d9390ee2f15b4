/**
 * Decides whether a new version may take over, from what it and the old one did side by side.
 *
 * <p>Pure functions of counts and samples: nothing here reads a clock, draws a random number or
 * changes a model. {@link io.salver.gate.Canary} moves a {@link io.salver.gate.CanaryState} on by a
 * {@link io.salver.gate.CanaryPlan} and a {@link io.salver.gate.CanaryObservation}, {@link
 * io.salver.gate.CanaryRecord} writes it down. {@link io.salver.gate.AbComparison} compares routes
 * by their rewards.
 */
@NullMarked
package io.salver.gate;

import org.jspecify.annotations.NullMarked;
