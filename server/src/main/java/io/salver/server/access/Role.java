package io.salver.server.access;

import java.util.Locale;
import java.util.Optional;

/**
 * What somebody may do. No role includes another: whoever needs several is given several.
 *
 * <p>{@link AccessTable} says which role each route and each RPC needs.
 */
public enum Role {
  /** Ask for predictions, and for what a client has to know of a model; send feedback. */
  PREDICT,
  /** Look at what the server does, without the inputs and answers of others. */
  OBSERVE,
  /** Change what the server does. */
  ADMIN;

  /** The role's name in configuration files, tokens and messages. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role with this name, in lower case. */
  public static Optional<Role> of(String text) {
    for (Role role : values()) {
      if (role.text().equals(text)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }
}
