package io.salver.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.server.access.AccessSettings;
import io.salver.server.access.AccessSettings.KeyHolder;
import io.salver.server.access.ApiKey;
import io.salver.server.access.FailureLimits;
import io.salver.server.access.Limits;
import io.salver.server.access.Role;
import io.salver.server.access.TokenSettings;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessYamlTest {
  private static final ApiKey KEY = ApiKey.create(new SecureRandom()).stored();

  private static AccessSettings read(String yaml) {
    return SalverYaml.parse(yaml).access().settings();
  }

  @Test
  void withoutTheSectionEverythingIsAsItWas() {
    assertThat(read("log: {level: info}")).isEqualTo(AccessSettings.OPEN);
  }

  @Test
  void anEmptySectionLetsNobodyDoAnything() {
    for (String yaml : new String[] {"access: {}", "access:", "access:\n  # keys: []\n"}) {
      AccessSettings settings = read(yaml);
      assertThat(settings.open()).isFalse();
      assertThat(settings.anonymous()).isEmpty();
    }
  }

  @Test
  void keysAreRead() {
    AccessSettings settings =
        read(
            """
            access:
              keys:
                - {name: a, key: "%s", roles: [predict, observe], requests_per_second: 2.5}
            """
                .formatted(KEY));
    KeyHolder holder = settings.keys().getFirst();
    assertThat(holder.name()).isEqualTo("a");
    assertThat(holder.key()).hasToString(KEY.toString());
    assertThat(holder.roles()).isEqualTo(Set.of(Role.PREDICT, Role.OBSERVE));
    assertThat(holder.limits()).isEqualTo(new Limits(2.5, 3, 0));
  }

  @Test
  void limitsOfFailuresAreRead() {
    assertThat(read("access: {}").failures()).isEqualTo(new FailureLimits(20, 10));
    assertThat(read("access: {failures: {burst: 0, per_minute: 5}}").failures())
        .isEqualTo(new FailureLimits(0, 5));
    assertThatThrownBy(() -> read("access: {failures: {per_minute: 0}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("per_minute: 0 (expected: >= 1)");
  }

  @Test
  void certificatesAreRead() {
    AccessSettings settings =
        read(
            """
            access:
              certificates:
                - {name: a, certificate: "dns:a.b", roles: [admin], burst: 7, requests_per_day: 8}
            """);
    assertThat(settings.certificates())
        .containsExactly(
            new AccessSettings.CertificateHolder(
                "a", "dns:a.b", Set.of(Role.ADMIN), new Limits(0, 7, 8)));
  }

  @Test
  void tokensAreRead() {
    AccessSettings settings =
        read(
            """
            access:
              jwt:
                issuer: a
                audience: b
                keys: /c
                algorithms: [EdDSA]
                roles_claim: d.e
                role_prefix: f
                name_claim: g
                leeway: 1s
                refresh: 2s
                requests_per_day: 3
            """);
    assertThat(settings.tokens())
        .contains(
            new TokenSettings(
                "a",
                "b",
                new TokenSettings.KeySource.File(Path.of("/c")),
                Set.of(TokenSettings.Algorithm.EDDSA),
                "d.e",
                "f",
                "g",
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                new Limits(0, 1, 3)));
    AccessSettings brief = read("access: {jwt: {issuer: a, audience: b, keys: 'https://c/d'}}");
    assertThat(brief.tokens())
        .contains(
            new TokenSettings(
                "a",
                "b",
                new TokenSettings.KeySource.Url(URI.create("https://c/d")),
                TokenSettings.ALGORITHMS,
                "roles",
                "",
                "sub",
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                Limits.NONE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{anonymus: []} | unknown key: access.anonymus",
        "{anonymous: [root]} | access.anonymous: root (expected: [predict, observe, admin])",
        "{keys: [{key: x, roles: [admin]}]} | access.keys[0].name: missing",
        "{keys: [{name: a, roles: [admin]}]} | access.keys[0].key: missing",
        "{keys: [{name: a, key: secret, roles: [admin]}]} | access.keys[0].key: 6 characters",
        "{keys: [{name: a, key: 'KEY'}]} | access.keys[0].roles of a: none",
        "{keys: [{name: a b, key: 'KEY', roles: [admin]}]} | access.keys[0].name: \"a b\"",
        "{keys: [{name: a, key: 'KEY', roles: [admin], burst: 0}]} | access.keys[0].burst: 0",
        "{keys: [{name: a, key: 'KEY', roles: [admin], role: x}]} | unknown key: access.keys[0].role",
        "{jwt: {audience: b, keys: /c}} | access.jwt.issuer: missing",
        "{jwt: {issuer: a, audience: b, keys: 'http://c/d'}} | access.jwt.keys: http://c/d (expected: an address",
        "{jwt: {issuer: a, audience: b, keys: 'https://c d'}} | access.jwt.",
        "{jwt: {issuer: a, audience: b, keys: /c, algorithms: [HS256]}} | access.jwt.algorithms: HS256 (expected: RS256",
        "{jwt: {issuer: a, audience: b, keys: /c, algorithms: [none]}} | access.jwt.algorithms: none",
        "{jwt: {issuer: a, audience: b, keys: /c, leeway: 1h}} | access.jwt.leeway: PT1H",
        "{jwt: {issuer: a, audience: b, keys: /c, refresh: 0s}} | access.jwt.refresh: PT0S",
        "{certificates: [{name: a, certificate: x, roles: [admin]}]} | access.certificates[0].certificate: \"x\"",
      })
  void whatDoesNotFitIsRefusedWithItsPlace(String access, String message) {
    assertThatThrownBy(() -> read("access: " + access.replace("KEY", KEY.toString())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }
}
