package io.salver.cli.config;

import io.salver.server.access.AccessSettings;
import io.salver.server.access.AccessSettings.CertificateHolder;
import io.salver.server.access.AccessSettings.KeyHolder;
import io.salver.server.access.ApiKey;
import io.salver.server.access.FailureLimits;
import io.salver.server.access.Limits;
import io.salver.server.access.Role;
import io.salver.server.access.TokenSettings;
import io.salver.server.access.TokenSettings.Algorithm;
import io.salver.server.access.TokenSettings.KeySource;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads what {@code access:} says. */
final class AccessYaml {
  private AccessYaml() {}

  static AccessConfig read(Section s) {
    Set<Role> anonymous = roles(s, "anonymous");
    List<KeyHolder> keys = new ArrayList<>();
    for (Section key : s.sections("keys")) {
      keys.add(key(key));
    }
    List<CertificateHolder> certificates = new ArrayList<>();
    for (Section certificate : s.sections("certificates")) {
      certificates.add(certificate(certificate));
    }
    Optional<TokenSettings> tokens =
        s.has("jwt") ? Optional.of(tokens(s.section("jwt"))) : Optional.empty();
    FailureLimits failures =
        s.has("failures") ? failures(s.section("failures")) : FailureLimits.DEFAULT;
    AccessConfig access =
        new AccessConfig(
            placed(
                s,
                () -> new AccessSettings(false, anonymous, keys, certificates, tokens, failures)),
            Set.copyOf(s.strings("hosts")));
    s.end();
    return access;
  }

  private static KeyHolder key(Section s) {
    String name = s.requiredString("name");
    String stored = s.requiredString("key");
    KeyHolder holder =
        placed(s, () -> new KeyHolder(name, ApiKey.parse(stored), roles(s, "roles"), limits(s)));
    s.end();
    return holder;
  }

  private static CertificateHolder certificate(Section s) {
    String name = s.requiredString("name");
    String certificate = s.requiredString("certificate");
    CertificateHolder holder =
        placed(s, () -> new CertificateHolder(name, certificate, roles(s, "roles"), limits(s)));
    s.end();
    return holder;
  }

  private static FailureLimits failures(Section s) {
    int burst = s.integer("burst", FailureLimits.DEFAULT.burst());
    int perMinute = s.integer("per_minute", FailureLimits.DEFAULT.perMinute());
    FailureLimits failures = placed(s, () -> new FailureLimits(burst, perMinute));
    s.end();
    return failures;
  }

  private static TokenSettings tokens(Section s) {
    String issuer = s.requiredString("issuer");
    String audience = s.requiredString("audience");
    String keys = s.requiredString("keys");
    Set<Algorithm> algorithms = algorithms(s);
    String rolesClaim = s.string("roles_claim").orElse("roles");
    String rolePrefix = s.string("role_prefix").orElse("");
    String nameClaim = s.string("name_claim").orElse("sub");
    Duration leeway = s.duration("leeway", Duration.ofMinutes(1));
    Duration refresh = s.duration("refresh", Duration.ofMinutes(5));
    TokenSettings tokens =
        placed(
            s,
            () ->
                new TokenSettings(
                    issuer,
                    audience,
                    keys.contains("://")
                        ? new KeySource.Url(URI.create(keys))
                        : new KeySource.File(s.requiredPath("keys")),
                    algorithms,
                    rolesClaim,
                    rolePrefix,
                    nameClaim,
                    leeway,
                    refresh,
                    limits(s)));
    s.end();
    return tokens;
  }

  private static Set<Algorithm> algorithms(Section s) {
    List<String> names = s.strings("algorithms");
    if (names.isEmpty()) {
      return TokenSettings.ALGORITHMS;
    }
    EnumSet<Algorithm> algorithms = EnumSet.noneOf(Algorithm.class);
    for (String name : names) {
      algorithms.add(
          Arrays.stream(Algorithm.values())
              .filter(algorithm -> algorithm.name().equalsIgnoreCase(name))
              .findFirst()
              .orElseThrow(() ->
                  new ConfigException(
                      s.at("algorithms")
                          + ": "
                          + name
                          + " (expected: RS256, PS256, ES256, ES384 or EdDSA)")));
    }
    return algorithms;
  }

  private static Set<Role> roles(Section s, String key) {
    EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : s.strings(key)) {
      roles.add(
          Role.of(name)
              .orElseThrow(() ->
                  new ConfigException(
                      s.at(key)
                          + ": "
                          + name
                          + " (expected: "
                          + Arrays.stream(Role.values()).map(Role::text).toList()
                          + ")")));
    }
    return roles;
  }

  private static Limits limits(Section s) {
    double perSecond = s.number("requests_per_second", Limits.NONE.perSecond());
    int burst = (int) Math.clamp(Math.ceil(perSecond), 1, Integer.MAX_VALUE);
    return new Limits(perSecond, s.integer("burst", burst), s.integer("requests_per_day", 0));
  }

  private static <T> T placed(Section s, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw s.placed(new ConfigException(String.valueOf(e.getMessage())));
    }
  }
}
