package io.salver.server.access;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a route or an RPC needs.
 *
 * @param anyOf one of these roles; none is needed if it is empty
 * @param control whether it belongs to the pages and the API that Salver is looked after with:
 *     whoever shows no credentials may use it on this machine only, and browsers from Salver's own
 *     pages only
 */
public record AccessRule(Set<Role> anyOf, boolean control) {
  static final AccessRule ADMIN = new AccessRule(EnumSet.of(Role.ADMIN), false);
  static final AccessRule CONTROL = new AccessRule(EnumSet.of(Role.ADMIN), true);

  public AccessRule {
    anyOf = Set.copyOf(anyOf);
  }

  /** The roles for messages, as {@code predict or observe}. */
  public String needs() {
    return Principal.text(anyOf, " or ");
  }
}
