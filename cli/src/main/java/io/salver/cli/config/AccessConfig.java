package io.salver.cli.config;

import io.salver.server.access.AccessSettings;
import java.util.Set;

/**
 * Who may do what.
 *
 * @param hosts further names by which callers without credentials may call control on this machine
 */
public record AccessConfig(AccessSettings settings, Set<String> hosts) {
  /** Whoever connects may do everything, but control from another machine. */
  public static final AccessConfig DEFAULT = new AccessConfig(AccessSettings.OPEN, Set.of());

  public AccessConfig {
    hosts = Set.copyOf(hosts);
  }
}
