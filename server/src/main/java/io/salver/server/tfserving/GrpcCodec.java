package io.salver.server.tfserving;

import io.salver.server.inference.SignatureCache;

/**
 * What the calls of a server share to read and write messages. Thread-safe.
 *
 * @param asTensorContent whether answers carry elements in {@code tensor_content} instead of the
 *     type's own field
 */
record GrpcCodec(
    TargetReader targets, SignatureCache<SignaturePlan> plans, boolean asTensorContent) {
  GrpcCodec(boolean asTensorContent) {
    this(new TargetReader(), new SignatureCache<>(SignaturePlan::new), asTensorContent);
  }
}
