/**
 * Makes the example models.
 *
 * <p>Public face: {@code MakeModels}, {@code HeavyModel}.
 */
@NullMarked
package io.salver.examples;

import org.jspecify.annotations.NullMarked;
