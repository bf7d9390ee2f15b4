/**
 * Where models run: on which device, and in how many instances.
 *
 * <p>Public face: {@code PlacedEngine}.
 */
@NullMarked
package io.salver.engine.placement;

import org.jspecify.annotations.NullMarked;
