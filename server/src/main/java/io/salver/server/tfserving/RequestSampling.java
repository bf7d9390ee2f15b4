package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.server.tfserving.proto.LoggingConfig;

/**
 * Which requests of a model are logged, and where.
 *
 * @param rate the part of them, from 0 to 1
 * @param filenamePrefix what the names of this model's files begin with, directories included;
 *     empty for the log's own
 */
public record RequestSampling(double rate, String filenamePrefix) {
  public RequestSampling {
    if (!(rate >= 0 && rate <= 1)) {
      throw new IllegalArgumentException("sampling_rate: " + rate + " (expected: 0 to 1)");
    }
  }

  static RequestSampling of(String model, LoggingConfig config) {
    try {
      return new RequestSampling(
          config.getSamplingConfig().getSamplingRate(),
          config.getLogCollectorConfig().getFilenamePrefix());
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid("model \"" + model + "\": " + e.getMessage());
    }
  }
}
