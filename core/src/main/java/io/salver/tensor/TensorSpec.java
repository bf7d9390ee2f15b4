package io.salver.tensor;

/**
 * What a signature says of one of its tensors.
 *
 * @param name the name that clients use
 * @param dtype the type of its elements
 * @param shape its shape as the model declares it, -1 where a dimension is unknown
 * @param nativeName the engine's own name of it, as {@code x:0} in a TensorFlow graph
 * @param optional for an input: whether a request may leave it out
 */
public record TensorSpec(
    String name, DType dtype, Shape shape, String nativeName, boolean optional) {

  /** A required tensor whose name is the same for clients and engine. */
  public static TensorSpec of(String name, DType dtype, Shape shape) {
    return new TensorSpec(name, dtype, shape, name, false);
  }
}
