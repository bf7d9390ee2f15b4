package io.salver.cli.config;

import io.salver.server.tfserving.RequestLog;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The sampled log of requests and their answers.
 *
 * @param directory where its files are written; empty for no log
 * @param format of the files
 * @param samplingRate the share of requests that are logged, 0 to 1
 * @param maxFileBytes at which a new file is begun
 */
public record RequestLogConfig(
    Optional<Path> directory, RequestLog.Format format, double samplingRate, long maxFileBytes) {
  /** No log. */
  public static final RequestLogConfig DEFAULT =
      new RequestLogConfig(Optional.empty(), RequestLog.Format.TFRECORD, 0.01, 64L << 20);

  public RequestLogConfig {
    if (!(samplingRate >= 0 && samplingRate <= 1)) {
      throw new ConfigException("sampling_rate: " + samplingRate + " (expected: 0 to 1)");
    }
    if (maxFileBytes < 1) {
      throw new ConfigException("max_file_size: " + maxFileBytes + " (expected: >= 1)");
    }
  }
}
