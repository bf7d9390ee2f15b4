/**
 * Reads what models use, and says what that costs.
 *
 * <p>Public face: {@code CostMeter}.
 */
@NullMarked
package io.salver.server.cost;

import org.jspecify.annotations.NullMarked;
