/**
 * What operators ask of models while the server runs, kept over a restart, and the configuration
 * over which it lies.
 *
 * <p>Public face: {@code ModelOperations} with {@code ModelAction} (what is asked), {@code
 * DeclaredModels} with {@code Configurations} (what configurations say), and {@code Requested}
 * (what holds of a model by request).
 */
@NullMarked
package io.salver.control;

import org.jspecify.annotations.NullMarked;
