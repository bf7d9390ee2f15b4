/**
 * What models use, and what that costs. Arithmetic only: nothing here reads a clock or a file.
 *
 * <p>Public face: {@code CostLedger}, {@code Prices}, {@code Usage}, {@code RunMeter}.
 */
@NullMarked
package io.salver.cost;

import org.jspecify.annotations.NullMarked;
