package io.salver.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollingFileTest {
  @TempDir Path directory;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("logs"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private boolean write(RollingFile file, String line) {
    return file.write(line.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theOldestFilesGo() throws IOException {
    try (RollingFile file = new RollingFile(directory.resolve("logs/a"), "log", 5, 3)) {
      for (int i = 0; i < 10; i++) {
        assertThat(write(file, i + "\n")).isTrue();
      }
    }
    assertThat(names()).containsExactly("a-00002.log", "a-00003.log", "a-00004.log");
    assertThat(directory.resolve("logs/a-00004.log")).hasContent("8\n9\n");
  }

  @Test
  void theNextProcessGoesOnAndTakesTheOldFilesOver() throws IOException {
    Files.createDirectories(directory.resolve("logs"));
    for (String name : List.of("a-00007.log", "a-00009.log", "a-1.log", "ab-00008.log")) {
      Files.writeString(directory.resolve("logs").resolve(name), "old");
    }
    try (RollingFile file = new RollingFile(directory.resolve("logs/a"), "log", 1, 2)) {
      assertThat(write(file, "x")).isTrue();
    }
    assertThat(names()).containsExactly("a-00009.log", "a-00010.log", "a-1.log", "ab-00008.log");
  }

  @Test
  void whatIsLongerThanAFileIsWrittenAllTheSame() throws IOException {
    try (RollingFile file = new RollingFile(directory.resolve("logs/a"), "log", 1, 1)) {
      assertThat(write(file, "long")).isTrue();
    }
    assertThat(directory.resolve("logs/a-00000.log")).hasContent("long");
  }

  @Test
  void whatCannotBeWrittenIsSaid() throws IOException {
    Files.writeString(directory.resolve("logs"), "a file");
    try (RollingFile file = new RollingFile(directory.resolve("logs/a"), "log", 1, 1)) {
      assertThat(write(file, "x")).isFalse();
      file.flush();
    }
  }
}
