package io.salver.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedStoresTest {
  private final AllowedStores allowed =
      new AllowedStores(List.of("s3://models/prod/", "https://models.example.org"));

  private static ModelConfig model(String basePath) {
    return new ModelConfig(
        "m", BasePath.parse(basePath), "", VersionPolicy.LATEST, Map.of(), false, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/models/m",
        "s3://models/prod",
        "s3://models/prod/m",
        "https://models.example.org/a/b",
      })
  void whatIsBelowAPrefixOrOnThisMachineIsLetThrough(String path) {
    assertThatCode(() -> allowed.check(List.of(model(path)), List.of())).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://models/production/m",
        "s3://models",
        "http://models.example.org/m",
        "https://models.example.org.evil.example/m",
        "https://models.example.org:8443/m",
        "s3://models/prod/../secret",
      })
  void whatIsNotIsRefusedWithThePathAndWhatIsExpected(String path) {
    assertThatThrownBy(() -> allowed.check(List.of(model(path)), List.of()))
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> assertThat(e.category()).isEqualTo(Category.PERMISSION_DENIED))
        .hasMessageContaining(path)
        .hasMessageContaining("[s3://models/prod, https://models.example.org]");
  }

  @Test
  void whatIsConfiguredMayStay() {
    ModelConfig known = model("https://other.example.org/m");
    assertThatCode(() -> AllowedStores.NONE.check(List.of(known), List.of(known)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> AllowedStores.NONE.check(List.of(known), List.of()))
        .hasMessageContaining("which are []");
  }

  @Test
  void aPrefixIsAPlaceInAStore() {
    assertThatThrownBy(() -> new AllowedStores(List.of("/models")))
        .hasMessage("/models (expected: s3://..., https://... or http://...)");
  }
}
