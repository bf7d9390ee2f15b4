/**
 * Triton's model repository: what a model's {@code config.pbtxt} says, held against the model and
 * brought into effect.
 *
 * <p>Public face: {@code ConfiguredEngine} is wrapped around each engine and sees to it that a
 * model beside whose versions such a file lies is loaded as the file says, or not at all; {@code
 * TritonConfig} is what a loaded model was configured with, {@code ServedConfig} that with what it
 * left open filled in; {@code TritonRepository} is a directory of such models, and {@code
 * RepositoryControl} loads and unloads them by name, with {@code Overrides}.
 */
@NullMarked
package io.salver.server.triton;

import org.jspecify.annotations.NullMarked;
