package io.salver.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LibraryPropertiesTest {
  private static final String ABSENT = "io.salver.test.absent";
  private static final String PRESENT = "io.salver.test.present";

  @Test
  void propertiesAreAsBeforeWhateverBecomesOfTheStart() {
    System.setProperty(PRESENT, "before");
    try {
      assertThatThrownBy(() ->
              LibraryProperties.with(
                  Map.of(ABSENT, "1", PRESENT, "2"),
                  () -> {
                    assertThat(System.getProperty(ABSENT)).isEqualTo("1");
                    assertThat(System.getProperty(PRESENT)).isEqualTo("2");
                    throw new IOException("failed");
                  }))
          .isInstanceOf(IOException.class);
      assertThat(System.getProperty(ABSENT)).isNull();
      assertThat(System.getProperty(PRESENT)).isEqualTo("before");
    } finally {
      System.clearProperty(PRESENT);
    }
  }

  @Test
  void eachLibraryHasACacheOfItsOwn() {
    String key = "org.bytedeco.javacpp.cachedir";
    assertThat(LibraryProperties.ofJavaCpp("a").get(key))
        .startsWith(NativeCache.directory().toString())
        .isNotEqualTo(LibraryProperties.ofJavaCpp("b").get(key));
  }
}
