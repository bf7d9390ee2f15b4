package io.salver.predict;

/**
 * Where a request's answer goes: exactly one of the two methods is called, exactly once, by any
 * thread. Neither blocks or throws.
 */
public interface Reply {
  /** The request was run: its outputs are in {@link PredictRequest#output}. */
  void succeeded(PredictRequest request);

  /** The request was refused or failed. */
  void failed(PredictRequest request, ServingException failure);
}
