package io.salver.cache;

import io.salver.predict.PredictRequest;

/** Gives equal requests the same number. Thread-safe. */
@FunctionalInterface
interface KeyHash {
  int hash(PredictRequest request);
}
