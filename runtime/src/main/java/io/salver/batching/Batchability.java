package io.salver.batching;

import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.tensor.Signature;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which requests of a version may share a run.
 *
 * <p>With {@link BatchingOptions.Mode#AUTO} those of signatures that have passed a probe. Whatever
 * the mode, a signature whose outputs turn out to have other rows than its inputs is never batched
 * again. Thread-safe.
 */
final class Batchability {
  private static final Logger LOG = System.getLogger(Batchability.class.getName());

  private final ModelVersion version;
  private final BatchingOptions.Mode mode;
  private final Map<Signature, Boolean> known = new ConcurrentHashMap<>();

  Batchability(ModelVersion version, BatchingOptions.Mode mode) {
    this.version = version;
    this.mode = mode;
  }

  /** Whether it is worth probing. */
  boolean isOpen() {
    return mode == BatchingOptions.Mode.AUTO;
  }

  /** Says that {@code signature} has passed the probe. */
  void passed(Signature signature) {
    known.put(signature, true);
    LOG.log(Level.INFO, "{0} signature {1}: requests are batched", version, signature.name());
  }

  /** Says that {@code signature} has not passed. */
  void failed(Signature signature, String reason) {
    known.put(signature, false);
    LOG.log(
        Level.INFO,
        "{0} signature {1}: requests are not batched: {2}",
        version,
        signature.name(),
        reason);
  }

  /** Says that rows got lost: {@code signature} is not batched any more. */
  void revoke(Signature signature, String reason) {
    if (!Boolean.FALSE.equals(known.put(signature, false))) {
      LOG.log(
          Level.WARNING,
          "{0} signature {1}: requests are not batched any more: {2}",
          version,
          signature.name(),
          reason);
    }
  }

  /** Whether {@code request} may share a run with others of its lane. */
  boolean allows(PredictRequest request) {
    return switch (mode) {
      case OFF -> false;
      case AUTO -> Boolean.TRUE.equals(known.get(request.signature())) && Lanes.hasRows(request);
      case ON -> !Boolean.FALSE.equals(known.get(request.signature())) && Lanes.hasRows(request);
    };
  }
}
