package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedMemoryTest {
  @TempDir Path directory;

  @Test
  void aFileThatCouldNotBeFilledIsRemoved() {
    try (SharedMemory memory = new SharedMemory(directory, new AtomicInteger())) {
      // An interrupted thread cannot write, like one for whose file there is no room.
      Thread.currentThread().interrupt();
      assertThat(memory.take(1)).isNull();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(directory).isEmptyDirectory();
    }
  }
}
