/**
 * What engines share that describe a model's file for a person.
 *
 * <p>Public face: {@code OperatorCounts}.
 */
@NullMarked
package io.salver.engine.describe;

import org.jspecify.annotations.NullMarked;
