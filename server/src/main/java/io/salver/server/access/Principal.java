package io.salver.server.access;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * On whose behalf a request is made. Thread-safe.
 *
 * <p>The requests of one principal object share its {@link Allowance}.
 */
public final class Principal {
  /** The name of whoever shows no credentials. */
  public static final String ANONYMOUS = "anonymous";

  /** Somebody who has shown nothing and may do nothing. */
  public static final Principal NOBODY = anonymous(Set.of());

  private final String name;
  private final Set<Role> roles;
  private final Allowance allowance;
  private final boolean anonymous;

  /** Somebody with credentials, whose requests are limited by {@code allowance}. */
  public Principal(String name, Collection<Role> roles, Allowance allowance) {
    this(name, roles, allowance, false);
  }

  private Principal(String name, Collection<Role> roles, Allowance allowance, boolean anonymous) {
    this.name = name;
    this.anonymous = anonymous;
    this.roles = roles.isEmpty() ? EnumSet.noneOf(Role.class) : EnumSet.copyOf(roles);
    this.allowance = allowance;
  }

  /** Whoever shows no credentials, with these roles. */
  public static Principal anonymous(Collection<Role> roles) {
    return new Principal(ANONYMOUS, roles, Allowance.UNLIMITED, true);
  }

  /** Who it is, for the audit log and for messages. */
  public String name() {
    return name;
  }

  /** What it may do. */
  public Set<Role> roles() {
    return Collections.unmodifiableSet(roles);
  }

  boolean hasAnyOf(Set<Role> wanted) {
    for (Role role : wanted) {
      if (roles.contains(role)) {
        return true;
      }
    }
    return false;
  }

  /** Whether it has shown no credentials. */
  public boolean isAnonymous() {
    return anonymous;
  }

  Allowance allowance() {
    return allowance;
  }

  /** As {@code checkout (predict, observe)}. */
  @Override
  public String toString() {
    return name + " (" + text(roles, ", ") + ")";
  }

  /** The names of {@code roles}, in order; {@code no role} if there is none. */
  static String text(Set<Role> roles, String separator) {
    return roles.isEmpty()
        ? "no role"
        : Arrays.stream(Role.values())
            .filter(roles::contains)
            .map(Role::text)
            .collect(Collectors.joining(separator));
  }
}
