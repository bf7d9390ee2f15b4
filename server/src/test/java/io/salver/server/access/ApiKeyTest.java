package io.salver.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ApiKeyTest {
  private final ApiKey.Created created = ApiKey.create(new SecureRandom());

  @Test
  void whatIsStoredRecognisesTheKeyAndNothingElse() {
    ApiKey stored = ApiKey.parse(created.stored().toString());
    String text = created.text();
    assertThat(stored.matches(text)).isTrue();
    assertThat(ApiKey.idOf(text)).isEqualTo(stored.id());
    for (int i = 0; i < text.length(); i++) {
      char other = text.charAt(i) == 'x' ? 'y' : 'x';
      assertThat(stored.matches(text.substring(0, i) + other + text.substring(i + 1))).isFalse();
    }
    assertThat(stored.matches(text + "x")).isFalse();
    assertThat(stored.matches("")).isFalse();
    assertThat(stored.matches(ApiKey.create(new SecureRandom()).text())).isFalse();
  }

  @Test
  void neitherTheStoredKeyNorTheCreatedOneTellsTheSecret() {
    String secret =
        created.text().substring(created.text().lastIndexOf(created.stored().id()) + 13);
    assertThat(secret).hasSize(43);
    assertThat(created.stored().toString()).doesNotContain(secret);
    assertThat(created.toString()).doesNotContain(secret);
  }

  @Test
  void theSameKeyIsStoredInAnotherWayEachTime() {
    assertThat(ApiKey.create(new SecureRandom()).stored().toString())
        .isNotEqualTo(created.stored().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "salver_", "salver_0123456789ab", "bearer", "salver_0123456789ab-x"})
  void textsWithoutAnIdentifierHaveNone(String text) {
    assertThat(ApiKey.idOf(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "secret", "hmac-sha256:0:0:0", "md5:0123456789ab:00:00"})
  void whatIsNoStoredKeyIsRefusedAndNotRepeated(String stored) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKey.parse(stored))
        .withMessageStartingWith("key: " + stored.length() + " characters (expected: what `salver");
  }
}
