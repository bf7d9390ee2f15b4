/**
 * What the example models' trainers share.
 *
 * <p>Public face: {@code Adam}, {@code SeededRandom}.
 */
@NullMarked
package io.salver.examples.training;

import org.jspecify.annotations.NullMarked;
