package io.salver.batching;

/**
 * How much work the server takes on at once.
 *
 * @param maxRequests requests decoded and not yet answered, over all models, at least 1
 * @param maxTensorBytes bytes of tensor memory that those requests hold, at least 1
 */
public record AdmissionLimits(int maxRequests, long maxTensorBytes) {
  /** 10,000 requests with 2 GiB of tensors. */
  public static final AdmissionLimits DEFAULT = new AdmissionLimits(10_000, 2L << 30);

  public AdmissionLimits {
    if (maxRequests < 1 || maxTensorBytes < 1) {
      throw new IllegalArgumentException(
          "admission: "
              + maxRequests
              + " requests, "
              + maxTensorBytes
              + " bytes (expected: >= 1 each)");
    }
  }
}
