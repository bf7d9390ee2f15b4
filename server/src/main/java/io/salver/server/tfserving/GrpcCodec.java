package io.salver.server.tfserving;

/**
 * What the calls of a server share to read and write messages. Thread-safe.
 *
 * @param asTensorContent whether answers carry elements in {@code tensor_content} instead of the
 *     type's own field
 */
record GrpcCodec(TargetReader targets, SignaturePlan.Cache plans, boolean asTensorContent) {
  GrpcCodec(boolean asTensorContent) {
    this(new TargetReader(), new SignaturePlan.Cache(), asTensorContent);
  }
}
