package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BasePathTest {
  @Test
  void pathsAreOfThisMachine() {
    assertThat(BasePath.parse("/models/m")).isEqualTo(new BasePath.Local(Path.of("/models/m")));
    assertThat(BasePath.parse("file:///models/m"))
        .isEqualTo(new BasePath.Local(Path.of("/models/m")));
    assertThat(BasePath.parse("/a://b")).isEqualTo(new BasePath.Local(Path.of("/a:/b")));
    assertThat(BasePath.parse("models/../m"))
        .isEqualTo(new BasePath.Local(Path.of("m").toAbsolutePath()));
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/a/m, s3://bucket/a/m",
    "S3://my_bucket/a/m//, s3://my_bucket/a/m",
    "s3://bucket, s3://bucket",
    "https://models.example.org:8443/m/, https://models.example.org:8443/m",
    "http://h/a%20b, http://h/a%20b",
  })
  void placesInStoresAreKeptAsUris(String text, String uri) {
    assertThat(BasePath.parse(text)).isInstanceOf(BasePath.Remote.class).asString().isEqualTo(uri);
  }

  @ParameterizedTest
  @CsvSource({
    "gs://b/m, 'gs://b/m (expected: a path, file://, s3://, https:// or http://)'",
    "s3://localhost:9000/b/m, 's3://localhost:9000/b/m (expected: s3://BUCKET/PREFIX, and the'",
    "s3:///m, s3:///m (expected: a bucket)",
    "https:///m, https:///m (expected: a host)",
    "https://h/m?token=secret, 'https://... with a user, a query or a fragment'",
    "https://me:secret@h/m, 'https://... with a user, a query or a fragment'",
    "https://me:secret@h/a b, https://... (expected: a URI)",
    "file://host/m, 'file://host/m: '",
  })
  void othersAreRefusedWithoutTheirSecrets(String text, String message) {
    assertThatThrownBy(() -> BasePath.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .message()
        .doesNotContain("secret@")
        .doesNotContain("token=");
  }
}
