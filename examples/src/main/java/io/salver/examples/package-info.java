/**
 * Makes the example models.
 *
 * <p>Public face: {@code MakeModels}.
 */
@NullMarked
package io.salver.examples;

import org.jspecify.annotations.NullMarked;
