/**
 * Values: {@link io.salver.tensor.Tensor} and the native memory that it views.
 *
 * <p>Public face: {@code DType}, {@code Shape}, {@code Tensor}, {@code TensorSpec}, {@code
 * Signature}, {@code TensorArena}, {@code ArenaPool} and {@code MemoryBudget}, {@code
 * StringTensorBuilder}, {@code NativeMemory}.
 */
@NullMarked
package io.salver.tensor;

import org.jspecify.annotations.NullMarked;
