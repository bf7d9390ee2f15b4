package io.salver.server.access;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who may do what.
 *
 * @param open whether nobody said anything: then whoever connects may do everything, but control
 *     from another machine
 * @param anonymous what those may do who show no credentials
 * @param failures how many credentials that are not accepted an address may show
 */
public record AccessSettings(
    boolean open,
    Set<Role> anonymous,
    List<KeyHolder> keys,
    List<CertificateHolder> certificates,
    Optional<TokenSettings> tokens,
    FailureLimits failures) {

  /** What holds where nothing is configured. */
  public static final AccessSettings OPEN =
      new AccessSettings(
          true,
          EnumSet.allOf(Role.class),
          List.of(),
          List.of(),
          Optional.empty(),
          FailureLimits.DEFAULT);

  public AccessSettings {
    anonymous = Set.copyOf(anonymous);
    keys = List.copyOf(keys);
    certificates = List.copyOf(certificates);
    Set<String> ids = new HashSet<>();
    for (KeyHolder holder : keys) {
      if (!ids.add(holder.key.id())) {
        throw new IllegalArgumentException(
            "key: " + holder.key.id() + " of " + holder.name + " twice (expected: once)");
      }
    }
    Set<String> certificateNames = new HashSet<>();
    for (CertificateHolder holder : certificates) {
      if (!certificateNames.add(holder.certificate)) {
        throw new IllegalArgumentException(
            "certificate: " + holder.certificate + " twice (expected: once)");
      }
    }
  }

  /**
   * Whoever shows an API key.
   *
   * @param name letters, digits, dots, dashes and underlines; several keys may have the same
   */
  public record KeyHolder(String name, ApiKey key, Set<Role> roles, Limits limits) {
    public KeyHolder {
      requireName(name);
      requireRoles(name, roles);
    }
  }

  /**
   * Whoever shows a certificate with this name.
   *
   * @param certificate as {@code subject:CN=ops,O=Example}, {@code dns:ops.example.org}, {@code
   *     uri:spiffe://example.org/ops}, {@code email:ops@example.org} or {@code ip:10.0.0.7}
   */
  public record CertificateHolder(String name, String certificate, Set<Role> roles, Limits limits) {
    public CertificateHolder {
      requireName(name);
      requireRoles(name, roles);
      if (!certificate.matches("(subject|email|dns|uri|ip):.+")) {
        throw new IllegalArgumentException(
            "certificate: \""
                + certificate
                + "\" (expected: subject:, email:, dns:, uri: or ip: and a name)");
      }
    }
  }

  private static void requireName(String name) {
    if (!name.matches("[A-Za-z0-9._-]{1,64}") || name.equals(Principal.ANONYMOUS)) {
      throw new IllegalArgumentException(
          "name: \""
              + name
              + "\" (expected: 1 to 64 letters, digits, dots, dashes and underlines, not anonymous)");
    }
  }

  private static void requireRoles(String name, Set<Role> roles) {
    if (roles.isEmpty()) {
      throw new IllegalArgumentException(
          "roles of " + name + ": none (expected: predict, observe or admin)");
    }
  }
}
