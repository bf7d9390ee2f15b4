package io.salver.cli.config;

import io.salver.server.trace.AccessLog;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The log with a line for each request.
 *
 * @param output where it goes
 * @param directory of its files, where it goes to files
 * @param maxFileBytes at which a new file is begun
 * @param maxFiles how many are kept
 */
public record AccessLogConfig(
    Output output,
    Optional<Path> directory,
    AccessLog.Format format,
    long maxFileBytes,
    int maxFiles) {
  /** Where lines go. */
  public enum Output {
    /** Nowhere: there is no log. */
    OFF,
    /** To standard output. */
    STDOUT,
    /** To files that follow each other. */
    FILES
  }

  /** No log. */
  public static final AccessLogConfig DEFAULT =
      new AccessLogConfig(Output.OFF, Optional.empty(), AccessLog.Format.JSON, 64L << 20, 10);

  public AccessLogConfig {
    if (output == Output.FILES && directory.isEmpty()) {
      throw new ConfigException("directory: missing (expected: a path, with output: files)");
    }
    if (maxFileBytes < 1) {
      throw new ConfigException("max_file_size: " + maxFileBytes + " (expected: >= 1)");
    }
    if (maxFiles < 1) {
      throw new ConfigException("max_files: " + maxFiles + " (expected: >= 1)");
    }
  }
}
