/**
 * Models that are written in Java: a jar with a class that implements {@code
 * io.salver.engine.Model}.
 *
 * <p>Public face: {@code JavaEngine}.
 */
@NullMarked
package io.salver.engine.java;

import org.jspecify.annotations.NullMarked;
