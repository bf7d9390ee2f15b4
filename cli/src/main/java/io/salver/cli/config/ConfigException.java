package io.salver.cli.config;

/**
 * A configuration that cannot be used. The message names the place, the value and what is expected.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ConfigException(String message) {
    super(message);
  }
}
