/**
 * What an engine implements: {@code Engine} finds and loads, {@code LoadedModel} runs.
 *
 * <p>Public face: {@code Engine}, {@code Inspection}, {@code EngineOptions}, {@code Device}, {@code
 * LoadedModel}, {@code Batch}, {@code ModelFiles}, {@code ModelLoadException}, {@code
 * PerSignature}, {@code NativeCache}, {@code LibraryProperties}, {@code ApiClassLoader}; for models
 * in Java {@code Model}.
 */
@NullMarked
package io.salver.engine;

import org.jspecify.annotations.NullMarked;
