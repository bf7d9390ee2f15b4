package io.salver.server.access;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Whose JSON Web Tokens (RFC 7519) are accepted, and what they say.
 *
 * @param issuer the {@code iss} that a token has to have
 * @param audience what a token's {@code aud} has to have in it
 * @param keys where the issuer's public keys are, as a JSON Web Key Set (RFC 7517)
 * @param algorithms with which tokens may be signed
 * @param rolesClaim where roles are: the name of a claim, or several with dots between them for one
 *     inside another; a list, or a text with spaces between the roles
 * @param rolePrefix what stands before the role's name there; others are not looked at
 * @param nameClaim who it is
 * @param leeway by how much clocks may differ
 * @param refresh how often the keys are read again, and tokens checked again
 * @param limits of each name
 */
public record TokenSettings(
    String issuer,
    String audience,
    KeySource keys,
    Set<Algorithm> algorithms,
    String rolesClaim,
    String rolePrefix,
    String nameClaim,
    Duration leeway,
    Duration refresh,
    Limits limits) {
  /** Those with public keys, by their names in RFC 7518 and RFC 8037. */
  public enum Algorithm {
    RS256,
    PS256,
    ES256,
    ES384,
    EDDSA
  }

  /** What is accepted where nothing is said. */
  public static final Set<Algorithm> ALGORITHMS =
      Set.copyOf(EnumSet.of(Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA));

  /** Where keys are. */
  public sealed interface KeySource {
    /** In a file, which is read again and again. */
    record File(Path path) implements KeySource {}

    /** At an address: https, or http on this machine. */
    record Url(URI uri) implements KeySource {
      public Url {
        boolean encrypted = "https".equals(uri.getScheme());
        if (uri.getHost() == null
            || !(encrypted || ("http".equals(uri.getScheme()) && isLoopback(uri.getHost())))) {
          throw new IllegalArgumentException(
              "keys: " + uri + " (expected: an address that begins with https://)");
        }
      }

      private static boolean isLoopback(String host) {
        if (host.equals("localhost")) {
          return true;
        }
        try {
          return host.matches("[0-9.]+|\\[[0-9a-fA-F:]+\\]")
              && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
          return false;
        }
      }
    }
  }

  public TokenSettings {
    algorithms = Set.copyOf(algorithms);
    required("issuer", issuer);
    required("audience", audience);
    required("roles_claim", rolesClaim);
    required("name_claim", nameClaim);
    if (algorithms.isEmpty()) {
      throw new IllegalArgumentException("algorithms: none (expected: at least one)");
    }
    if (leeway.isNegative() || leeway.compareTo(Duration.ofMinutes(10)) > 0) {
      throw new IllegalArgumentException("leeway: " + leeway + " (expected: 0 to 10 minutes)");
    }
    if (refresh.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("refresh: " + refresh + " (expected: at least 1 second)");
    }
  }

  private static void required(String name, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(name + ": empty (expected: a text)");
    }
  }
}
