/**
 * Decides whether a new version may take over, from what it and the old one did side by side.
 *
 * <p>Pure functions of counts and samples: nothing here reads a clock, draws a random number or
 * changes a model.
 */
@NullMarked
package io.salver.gate;

import org.jspecify.annotations.NullMarked;
