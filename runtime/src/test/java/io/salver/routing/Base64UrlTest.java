package io.salver.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Base64UrlTest {
  @Test
  void writesWhatTheJdkWrites() {
    Random random = new Random(11);
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = new byte[i % 100];
      random.nextBytes(bytes);
      assertThat(Base64Url.encode(bytes))
          .isEqualTo(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }
  }
}
