package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UseFileTest {
  @TempDir Path root;
  private Path path;
  private UseFile file;

  @BeforeEach
  void setUp() {
    path = root.resolve("state/uses.tsv");
    file = new UseFile(path);
  }

  @Test
  void readsWhatWasWrittenLast() throws IOException {
    assertThat(file.read()).isEmpty();
    file.write(Map.of("a", 1.0));
    file.write(Map.of("b with blank", 2.5, "c\td", 0.5, "two\nlines", 1.0));

    assertThat(file.read()).isEqualTo(Map.of("b with blank", 2.5, "c\td", 0.5));
    try (var files = Files.list(path.getParent())) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void refusesWhatItDoesNotWrite() throws IOException {
    Files.createDirectories(path.getParent());
    for (String line :
        new String[] {"1.0", "x\ta", "-1\ta", "NaN\ta", "Infinity\ta", "1\t", "\ta"}) {
      Files.writeString(path, line);
      assertThatThrownBy(file::read)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("expected: a count >= 0, a tab and a model");
    }
    Files.write(path, new byte[] {'1', '\t', (byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(file::read).hasMessageContaining("not text in UTF-8");
  }

  @Test
  void countsLoseHalfOfTheirWeightInAnHour() {
    UseCount count = new UseCount(-5);
    count.add(8, -5);
    long hourNs = 3_600_000_000_000L;
    assertThat(count.at(hourNs - 5)).isEqualTo(4);
    count.add(4, hourNs - 5);
    assertThat(count.at(3 * hourNs - 5)).isEqualTo(2);
  }
}
