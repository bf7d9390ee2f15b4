package io.salver.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks JSON Web Tokens by an issuer's public keys, as RFC 8725 asks for: only signatures of the
 * kinds that are configured, each with a key of its own kind, and every claim that counts.
 * Thread-safe; not for event loops, because it computes and may read the keys again.
 */
final class Tokens implements AutoCloseable {
  private static final int LEAST_RSA_BITS = 2048;
  private static final int MAX_NAME_LENGTH = 128;
  private static final int MAX_ALLOWANCES = 10_000;
  private static final Map<JWSAlgorithm, TokenSettings.Algorithm> ALGORITHMS =
      Map.of(
          JWSAlgorithm.RS256, TokenSettings.Algorithm.RS256,
          JWSAlgorithm.PS256, TokenSettings.Algorithm.PS256,
          JWSAlgorithm.ES256, TokenSettings.Algorithm.ES256,
          JWSAlgorithm.ES384, TokenSettings.Algorithm.ES384,
          JWSAlgorithm.EdDSA, TokenSettings.Algorithm.EDDSA,
          JWSAlgorithm.Ed25519, TokenSettings.Algorithm.EDDSA);

  /**
   * A token that is accepted.
   *
   * @param untilMs when it has to be checked again, as {@link System#currentTimeMillis()}
   * @param endMs when it expires
   */
  record Accepted(Principal principal, long untilMs, long endMs) {}

  private final TokenSettings settings;
  private final KeySet keys;
  private final LongSupplier nanoTime;
  private final InstantSource clock;

  /** By name, the one that was asked for longest ago first. */
  private final Map<String, Allowance> allowances =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
          return size() > MAX_ALLOWANCES;
        }
      };

  /**
   * Checks as {@code settings} say.
   *
   * @throws IllegalArgumentException if the keys are in a file that cannot be used
   */
  Tokens(TokenSettings settings, LongSupplier nanoTime, InstantSource clock) {
    this.settings = settings;
    this.keys = new KeySet(settings.keys(), nanoTime);
    if (settings.keys() instanceof TokenSettings.KeySource.File(Path file)) {
      keys.refresh();
      if (!keys.isKnown()) {
        throw new IllegalArgumentException(
            "keys: " + file + " cannot be used: see the log (expected: a JSON Web Key Set)");
      }
    }
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  /** Whether a text has a token's form: three parts, the last of which may be empty. */
  static boolean isToken(String text) {
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    return first > 0 && second > 0 && text.indexOf('.', second + 1) < 0;
  }

  /** Whether tokens can be checked at all; if not, the keys are asked for. */
  boolean isReady() {
    return keys.isKnown() || keys.refreshIfDue();
  }

  /** Reads the keys again. */
  void refresh() {
    keys.refresh();
  }

  /** What a token is good for; null if it is not accepted. */
  @Nullable Accepted check(String text) {
    try {
      SignedJWT token = SignedJWT.parse(text);
      return isSigned(token) ? accepted(token.getJWTClaimsSet()) : null;
    } catch (ParseException | RuntimeException | StackOverflowError e) {
      // What is wrong with it is nothing to tell anybody, and may repeat what is in it.
      return null;
    }
  }

  private boolean isSigned(SignedJWT token) {
    JWSHeader header = token.getHeader();
    TokenSettings.Algorithm algorithm = ALGORITHMS.get(header.getAlgorithm());
    if (algorithm == null
        || !settings.algorithms().contains(algorithm)
        || header.getCriticalParams() != null) {
      return false;
    }
    List<JWK> candidates = keys.candidates(header);
    if (candidates.isEmpty() && keys.refreshIfDue()) {
      candidates = keys.candidates(header);
    }
    for (JWK key : candidates) {
      if (isSigned(token, algorithm, key)) {
        return true;
      }
    }
    return false;
  }

  /** A key that does not go with the algorithm is none. */
  private static boolean isSigned(SignedJWT token, TokenSettings.Algorithm algorithm, JWK key) {
    try {
      JWSVerifier verifier = verifier(algorithm, key);
      return verifier != null && token.verify(verifier);
    } catch (JOSEException e) {
      return false;
    }
  }

  private static @Nullable JWSVerifier verifier(TokenSettings.Algorithm algorithm, JWK key)
      throws JOSEException {
    return switch (algorithm) {
      case RS256, PS256 -> key.size() >= LEAST_RSA_BITS ? new RSASSAVerifier(key.toRSAKey()) : null;
      case ES256, ES384 -> new ECDSAVerifier(key.toECKey());
      case EDDSA -> new Ed25519Verifier(key.toOctetKeyPair());
    };
  }

  private @Nullable Accepted accepted(JWTClaimsSet claims) {
    Instant now = clock.instant();
    Date end = claims.getExpirationTime();
    Date start = claims.getNotBeforeTime();
    if (end == null
        || !now.isBefore(end.toInstant().plus(settings.leeway()))
        || (start != null && now.isBefore(start.toInstant().minus(settings.leeway())))
        || !settings.issuer().equals(claims.getIssuer())
        || !claims.getAudience().contains(settings.audience())) {
      return null;
    }
    String name = name(claims.getClaim(settings.nameClaim()));
    if (name == null) {
      return null;
    }
    Principal principal = new Principal(name, roles(claims), allowance(name));
    long endMs = end.getTime() + settings.leeway().toMillis();
    long refreshMs = now.plus(settings.refresh()).toEpochMilli();
    return new Accepted(principal, Math.min(endMs, refreshMs), endMs);
  }

  /** Marked, so that no token can pass for a key's owner in the audit log. */
  private static @Nullable String name(@Nullable Object claim) {
    return claim instanceof String name
            && !name.isEmpty()
            && name.length() <= MAX_NAME_LENGTH
            && name.chars().allMatch(c -> c > ' ' && c < 0x7f)
        ? "token:" + name
        : null;
  }

  private Set<Role> roles(JWTClaimsSet claims) {
    Object value = claims.getClaims();
    for (String part : settings.rolesClaim().split("\\.", -1)) {
      value = value instanceof Map<?, ?> map ? map.get(part) : null;
    }
    List<?> names =
        switch (value) {
          case String text -> List.of(text.split(" ", -1));
          case List<?> list -> list;
          case null, default -> List.of();
        };
    EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    for (Object name : names) {
      if (name instanceof String text && text.startsWith(settings.rolePrefix())) {
        Role.of(text.substring(settings.rolePrefix().length())).ifPresent(roles::add);
      }
    }
    return roles;
  }

  private Allowance allowance(String name) {
    if (settings.limits().equals(Limits.NONE)) {
      return Allowance.UNLIMITED;
    }
    synchronized (allowances) {
      return Objects.requireNonNull(
          allowances.computeIfAbsent(
              name, _ -> new Allowance(name, settings.limits(), nanoTime, clock)));
    }
  }

  @Override
  public void close() {
    keys.close();
  }
}
