package io.salver.cli.config;

import io.salver.cli.logging.LogFormat;
import java.lang.System.Logger.Level;

/**
 * What Salver writes to its standard error.
 *
 * @param format for people or for machines
 * @param level the least that is written
 */
public record LogConfig(LogFormat format, Level level) {
  /** Text, from INFO. */
  public static final LogConfig DEFAULT = new LogConfig(LogFormat.TEXT, Level.INFO);
}
