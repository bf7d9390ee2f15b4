/**
 * What is done with a model's inputs before it runs, and with its outputs after: a client sends a
 * JPEG and gets labels.
 *
 * <p>Public face: {@code Steps}, {@code StepSpec}.
 */
@NullMarked
package io.salver.engine.steps;

import org.jspecify.annotations.NullMarked;
